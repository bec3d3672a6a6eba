/**
 * The owner of one document: the hot path, as one pure step (A4).
 *
 *   submit ─▶ rate ─▶ dedupe ─▶ validate ─▶ transform ─▶ version ─▶ gathered
 *                                                          │ one append at a time (A1)
 *                    everybody ◀─ broadcast ◀─ durable ◀───┘ ONLY THEN (A2)
 *
 * What arrives while an append is under way is gathered and becomes the next batch: under load, batches
 * grow by themselves (A9). No clock, randomness, timers or I/O here; `running-document.ts` has them.
 */
import {
  lengthChange,
  transformUncommitted,
  validateOperation,
  type DocumentText,
  type OperationLimits,
  type TextOperation,
} from '@concord/ot';
import {
  CHECKSUM_EVERY_VERSIONS,
  CHECKSUM_INTERVAL_MS,
  HEARTBEAT_MS,
  PROTOCOL_VERSION,
  SESSIONS_PER_DOCUMENT,
  TAIL_OPERATIONS,
  TAIL_OPERATIONS_MAX,
  type CommittedOperation,
  type OperationsMessage,
  type PresenceMessage,
  type RefusalCode,
  type RejectionCode,
  type ServerMessage,
  type SubmitMessage,
} from '@concord/protocol';
import type { LoggedOperation } from '../store/store.ts';
import { Clients, type Client } from './clients.ts';
import type { DocumentEffect, DocumentInput, OpenedDocument } from './document-messages.ts';
import { RecentOperations } from './recent-operations.ts';
import { Sessions, type Session } from './sessions.ts';

/** A checkpoint is due after this many versions: a cold open replays at most about twice as many. */
export const CHECKPOINT_EVERY_VERSIONS = 1_000;
/** Operations kept in memory for stale clients: as many as a join may bring, and no more than this. */
const RECENT_BYTES = 8 * 1024 * 1024;
/** Beyond this the store is too slow for what arrives: clients are asked to wait (I8). */
const GATHERED_OPERATIONS_MAX = 10_000;
/** Component steps that transforming one submission may cost: a few milliseconds (I8). */
const TRANSFORM_COST_MAX = 100_000;
/** Component steps that cost as much of a session's allowance as one operation. */
const TRANSFORM_COST_PER_TOKEN = 5_000;
/** Up to this size (UTF-16 units) an author gets his operation back: one frame for all, encoded once (A9). */
const ECHO_MAX = 2_048;
const CARETS_MS = 50;
const PEOPLE_MS = 100;
const IDLE_MS = 60_000;
/** Heartbeats of a document at rest become rarer up to this. */
const HEARTBEAT_MAX_MS = 60_000;
const NOBODY: ReadonlySet<number> = new Set();

type Join = Extract<DocumentInput, { type: 'join' }>;

export class DocumentOwner {
  readonly #document: OpenedDocument;
  readonly #operationLimits: OperationLimits;
  #title: string;

  /** The durable head (I1). Everything sent to anybody is at most this. */
  #head: number;
  /** Operations up to the last version given out, durable or not. */
  readonly #recent: RecentOperations;
  /** Under way to the log; then gathered for the next append. */
  #appending: LoggedOperation[] = [];
  #gathered: LoggedOperation[] = [];
  #isFlushDue = false;

  readonly #clients = new Clients();
  readonly #sessions = new Sessions();
  /** Joins that wait for what the store knows, by session. */
  readonly #waiting = new Map<number, Join>();

  /** The text, folded when somebody needs it (A3). */
  #text: DocumentText;
  #textVersion: number;
  /** When a checksum was last sent, and of which version. */
  #checksumVersion: number;
  #checksumAt = 0;
  #checkpointVersion: number;
  #checkpointing = false;

  readonly #movedCarets = new Set<Session>();
  #peopleDue = false;
  #beatMs = HEARTBEAT_MS;
  #beating = false;
  #spoke = false;
  #readSinceIdle = false;
  #idleTimer = false;
  #stopping = false;
  #isGone = false;

  #effects: DocumentEffect[] = [];

  constructor(opened: OpenedDocument) {
    const { limits, version, text, tail } = opened;
    this.#document = opened;
    this.#title = opened.title;
    this.#operationLimits = {
      components: limits.operationComponents,
      bytes: limits.operationBytes,
      documentCodePoints: limits.documentCodePoints,
    };
    this.#recent = new RecentOperations(version, text.lengthCodePoints, tail);
    this.#head = this.#recent.until;
    this.#text = text;
    this.#textVersion = version;
    this.#checksumVersion = this.#head;
    this.#checkpointVersion = version;
    for (const [index, logged] of tail.entries()) this.#clients.replay(logged, version + 1 + index);
  }

  /** The durable head version. */
  get version(): number {
    return this.#head;
  }
  get title(): string {
    return this.#title;
  }
  get sessionCount(): number {
    return this.#sessions.size;
  }
  /** The durable text. */
  get text(): DocumentText {
    return this.#foldTo(this.#head);
  }
  /** Operations taken in but not durable yet. */
  get undurable(): number {
    return this.#appending.length + this.#gathered.length;
  }

  /** @param now milliseconds since 1970 */
  step(input: DocumentInput, now: number): readonly DocumentEffect[] {
    this.#effects = [];
    if (this.#isGone) {
      if (input.type === 'join') this.#dismiss(input.session, 'moved');
    } else this.#handle(input, now);
    return this.#effects;
  }

  #handle(input: DocumentInput, now: number): void {
    switch (input.type) {
      case 'submit':
        return this.#submit(input.session, input.message, now);
      case 'flush':
        this.#isFlushDue = false;
        return this.#appendGathered();
      case 'appended':
        return this.#committed(now);
      case 'appendFailed':
        return this.#giveUp(input.reason);
      case 'join':
        return this.#join(input, now);
      case 'loaded':
        return this.#loaded(input, now);
      case 'loadFailed':
        if (this.#waiting.delete(input.session)) {
          this.#refuse(input.session, 'storeUnavailable', true, 'The store cannot be read now.');
        }
        return;
      case 'presence':
        return this.#presence(input.session, input.message, now);
      case 'left':
        return this.#leave(input.session);
      case 'checkpointed':
        this.#checkpointing = false;
        this.#checkpointVersion = input.version;
        this.#checkpointWhenDue();
        return this.#unloadWhenDone();
      case 'checkpointFailed':
        // The log has everything; the next thousand versions ask again.
        this.#checkpointing = false;
        this.#checkpointVersion = this.#head;
        return this.#unloadWhenDone();
      case 'timer':
        return this.#timer(input.name);
      case 'renamed':
        this.#title = input.title;
        return this.#broadcast({ type: 'titled', body: { title: input.title } });
      case 'personRenamed':
        for (const session of this.#sessions) {
          if (session.client.userId !== input.userId) continue;
          session.name = input.name;
          this.#peopleChanged();
        }
        return;
      case 'read':
        this.#readSinceIdle = true;
        return this.#watchIdle();
      case 'stop':
        this.#stopping = true;
        return this.#unloadWhenDone();
    }
  }

  // --- Submitting: the hot path -----------------------------------------------------------------

  #submit(number: number, { seq, baseVersion, op }: SubmitMessage, now: number): void {
    const session = this.#sessions.get(number);
    // A late packet of a session that is over (rule 1), or the document is being closed: the client
    // keeps the operation and sends it again after its next join.
    if (session === undefined || this.#stopping) return;
    const { client } = session;

    const reject = (code: RejectionCode, detail: string): void =>
      this.#reject(number, client, seq, code, detail);

    if (!session.submissions.take(now)) {
      return this.#sendRejected(number, {
        seq,
        code: 'rateLimited',
        retryable: true,
        retryAfterMs: session.submissions.waitMs(),
        detail: 'Too many changes at once; they are sent again in a moment.',
      });
    }
    if (seq <= client.decidedSeq) return this.#repeat(number, client, seq);
    if (seq > client.decidedSeq + 1) {
      return this.#sendRejected(number, {
        seq,
        code: 'futureSequence',
        retryable: true,
        detail: `Expected sequence number ${client.decidedSeq + 1}.`,
      });
    }
    if (session.role === 'viewer' || session.role === 'commenter') {
      return this.#sendRejected(number, {
        seq,
        code: 'readOnly',
        retryable: true,
        detail: 'You may read this document, not change it.',
      });
    }
    if (this.#gathered.length >= GATHERED_OPERATIONS_MAX) {
      return this.#sendRejected(number, {
        seq,
        code: 'storeUnavailable',
        retryable: true,
        retryAfterMs: 1_000,
        detail: 'The store is slower than what arrives; changes are sent again in a moment.',
      });
    }
    if (baseVersion > this.#head || baseVersion < client.assignedVersion) {
      return reject('invalidBaseVersion', `Version ${baseVersion} cannot be the base.`);
    }
    if (baseVersion < this.#recent.from) return this.#tooFarBehind(number);

    const baseLength = this.#recent.lengthAt(baseVersion);
    const checked = validateOperation(op, baseLength, this.#operationLimits);
    if (!checked.ok) return reject(checked.fault, checked.detail);

    const transformed = this.#transform(session, checked.operation, baseVersion, now);
    if (transformed === null) return this.#tooFarBehind(number);
    const change = lengthChange(transformed);
    const length = this.#recent.lengthAt(this.#recent.until) + change;
    if (change > 0 && length > this.#operationLimits.documentCodePoints) {
      return reject(
        'documentTooLarge',
        `At most ${this.#operationLimits.documentCodePoints} characters are allowed.`,
      );
    }

    const logged: LoggedOperation = {
      clientId: client.clientId,
      seq,
      author: client.userId,
      at: now,
      op: transformed,
    };
    this.#recent.push(logged);
    client.decidedSeq = seq;
    client.rejection = null;
    client.assignedVersion = this.#recent.until;
    this.#gathered.push(logged);
    if (this.#appending.length > 0 || this.#isFlushDue) return;
    // What other sockets brought in the same moment belongs to the same batch.
    this.#isFlushDue = true;
    this.#effects.push({ type: 'flushSoon' });
  }

  /** Over single log operations, never a composed range (rule 2). Null when it would cost too much. */
  #transform(
    session: Session,
    operation: TextOperation,
    baseVersion: number,
    now: number,
  ): TextOperation | null {
    if (baseVersion === this.#recent.until) return operation;
    const cost = this.#recent.transformCost(baseVersion, operation.length);
    if (cost > TRANSFORM_COST_MAX) return null;
    session.submissions.take(now, Math.floor(cost / TRANSFORM_COST_PER_TOKEN));
    let transformed = operation;
    for (const { op } of this.#recent.between(baseVersion)) {
      transformed = transformUncommitted(transformed, op);
    }
    return transformed;
  }

  /** A number that is decided already: its fate is repeated, or is on its way (rule 1). */
  #repeat(number: number, client: Client, seq: number): void {
    if (seq === client.rejection?.seq) return this.#sendRejected(number, client.rejection);
    // Not durable yet: the acknowledgement follows in the stream.
    if (seq > client.durableSeq) return;
    this.#sendRejected(number, {
      seq,
      code: 'staleSequence',
      retryable: false,
      detail: 'This change was decided before.',
    });
  }

  /** For good: the number is used up, so that the client is not blocked for ever (rule 1). */
  #reject(number: number, client: Client, seq: number, code: RejectionCode, detail: string): void {
    client.decidedSeq = seq;
    client.rejection = { seq, code, retryable: false, detail };
    this.#sendRejected(number, client.rejection);
  }

  #sendRejected(session: number, body: NonNullable<Client['rejection']>): void {
    this.#effects.push({ type: 'send', session, message: { type: 'rejected', body } });
  }

  /** The client shall rejoin: it gets the tail and rebases by itself. */
  #tooFarBehind(number: number): void {
    this.#refuse(number, 'slowReader', true, 'Too far behind; the newest text follows.');
  }

  #appendGathered(): void {
    if (this.#appending.length > 0 || this.#gathered.length === 0) return;
    this.#appending = this.#gathered;
    this.#gathered = [];
    const { documentId } = this.#document;
    const batch = { documentId, firstVersion: this.#head + 1, operations: this.#appending };
    this.#effects.push({ type: 'append', batch });
  }

  /** The batch is in the log: acknowledge and broadcast in one frame (A2, A9). */
  #committed(now: number): void {
    const operations = this.#appending;
    const firstVersion = this.#head + 1;
    this.#appending = [];
    this.#head += operations.length;
    const authors = new Set<Session>();
    for (const [index, logged] of operations.entries()) {
      const client = this.#clients.committed(logged, firstVersion + index);
      const author = isLarge(logged.op) ? this.#sessions.ofClient(client) : undefined;
      if (author !== undefined) authors.add(author);
    }
    // The next append begins before this one is told of.
    this.#appendGathered();
    this.#deliver(firstVersion, operations, authors, now);
    this.#checkpointWhenDue();
    this.#unloadWhenDone();
  }

  /** One frame for all, encoded once (A9); authors of large operations get theirs without them. */
  #deliver(
    firstVersion: number,
    operations: readonly LoggedOperation[],
    authors: ReadonlySet<Session>,
    now: number,
  ): void {
    if (this.#sessions.size === 0) return;
    const lastVersion = firstVersion + operations.length - 1;
    const isChecksumDue =
      lastVersion - this.#checksumVersion >= CHECKSUM_EVERY_VERSIONS &&
      now - this.#checksumAt >= CHECKSUM_INTERVAL_MS;
    if (isChecksumDue) {
      this.#checksumVersion = lastVersion;
      this.#checksumAt = now;
    }
    const checksum = isChecksumDue ? { checksum: this.#foldTo(lastVersion).checksum } : {};
    const frame = (body: OperationsMessage): ServerMessage => ({ type: 'operations', body });
    for (const { number, client } of authors) {
      const forAuthor = operations.map((logged) =>
        logged.clientId === client.clientId && logged.author === client.userId
          ? withoutOperation(logged)
          : logged,
      );
      const message = frame({ firstVersion, operations: forAuthor, ...checksum });
      this.#effects.push({ type: 'send', session: number, message });
    }
    const except = new Set([...authors].map(({ number }) => number));
    this.#broadcast(frame({ firstVersion, operations, ...checksum }), except);
  }

  // --- Joining ----------------------------------------------------------------------------------

  #join(join: Join, now: number): void {
    const { session, userId } = join;
    const { clientId, epoch, version, protocol } = join.message;
    if (this.#stopping) return this.#dismiss(session, 'moved');
    if (protocol !== PROTOCOL_VERSION) {
      const detail = `This server speaks version ${PROTOCOL_VERSION}. Reload the page.`;
      return this.#refuse(session, 'unsupportedProtocol', false, detail);
    }
    const client = this.#clients.get(clientId, userId);
    const isWindowKnown =
      version >= this.#recent.from || this.#head - version > TAIL_OPERATIONS_MAX;
    if (client === undefined || !isWindowKnown) {
      this.#waiting.set(session, join);
      const untilVersion = isWindowKnown ? version : this.#recent.from;
      const range = { afterVersion: version, untilVersion };
      this.#effects.push({ type: 'load', session, clientId, userId, ...range });
      return;
    }
    if (epoch <= client.epoch) {
      // A late packet of a dead epoch, or the same join twice.
      if (this.#sessions.get(session)?.client === client) return;
      return this.#refuse(session, 'staleEpoch', true, 'A newer connection of this tab exists.');
    }
    client.epoch = epoch;
    this.#waiting.delete(session);
    const former = this.#sessions.ofClient(client);
    if (former !== undefined && former.number !== session) {
      this.#refuse(former.number, 'staleEpoch', true, 'This tab connected again.');
    } else this.#remove(session);

    if (version > this.#head && join.message.diverged !== true) {
      const detail =
        'This device knows a newer text than the server, which may have been restored from a backup. ' +
        'Nothing was sent or changed. Copy your text before you open the document again.';
      return this.#refuse(session, 'ahead', false, detail);
    }
    client.decidedSeq = Math.max(client.decidedSeq, join.message.nextSeq - 1);
    if (join.message.diverged === true || version < this.#recent.from) {
      const body = {
        epoch,
        version: this.#head,
        lastCommittedSeq: client.durableSeq,
        lastCommittedVersion: client.durableVersion,
      };
      this.#effects.push({ type: 'send', session, message: { type: 'resync', body } });
      return;
    }
    if (this.#sessions.size >= SESSIONS_PER_DOCUMENT) {
      const detail = 'Too many people have this document open. It is tried again by itself.';
      return this.#refuse(session, 'tooManySessions', true, detail);
    }
    this.#welcome(join, client, now);
  }

  #welcome(join: Join, client: Client, now: number): void {
    const { session, userId, name, role } = join;
    const { epoch, version } = join.message;
    const { limits, historyId } = this.#document;
    this.#sessions.add(session, { client, name, role }, limits, now);
    const tail = this.#recent.between(version, this.#head);
    this.#effects.push({
      type: 'send',
      session,
      message: {
        type: 'joined',
        body: {
          epoch,
          version: this.#head,
          role,
          lastSeq: client.decidedSeq,
          tail: tail.slice(0, TAIL_OPERATIONS),
          limits,
          people: this.#sessions.people(),
          peopleTotal: this.#sessions.size,
          self: session,
          userId,
          title: this.#title,
          historyId,
        },
      },
    });
    for (let from = TAIL_OPERATIONS; from < tail.length; from += TAIL_OPERATIONS) {
      const operations = tail.slice(from, from + TAIL_OPERATIONS);
      const body = { firstVersion: version + 1 + from, operations };
      this.#effects.push({ type: 'send', session, message: { type: 'operations', body } });
    }
    const carets = [...this.#sessions].flatMap((other) =>
      other.number === session ? [] : this.#caretNow(other),
    );
    if (carets.length > 0) {
      this.#effects.push({ type: 'send', session, message: { type: 'carets', body: { carets } } });
    }
    this.#effects.push({ type: 'joined', session });
    this.#peopleChanged();
    if (!this.#beating) {
      this.#beating = true;
      this.#effects.push({ type: 'startTimer', name: 'heartbeat', ms: this.#beatMs });
    }
  }

  #loaded(input: Extract<DocumentInput, { type: 'loaded' }>, now: number): void {
    const join = this.#waiting.get(input.session);
    if (join?.message.clientId !== input.clientId) return;
    const { clientId } = input;
    const isUnknown = this.#clients.get(clientId, join.userId) === undefined;
    if (isUnknown && input.position !== null && input.position.version > this.#head) {
      // The log has an operation that this owner never wrote: its state is not the log's (A1).
      return this.#giveUp('duplicate');
    }
    this.#waiting.delete(input.session);
    this.#clients.learn(clientId, join.userId, input.position);
    // Somebody else's load may have been faster; the join asks again for what is still missing.
    if (input.operations.length > 0 && input.untilVersion === this.#recent.from) {
      this.#recent.prepend(input.operations);
    }
    this.#join(join, now);
  }

  #leave(number: number): void {
    this.#waiting.delete(number);
    this.#remove(number);
    this.#watchIdle();
  }

  #remove(number: number): void {
    const session = this.#sessions.get(number);
    if (session === undefined) return;
    this.#sessions.remove(number);
    this.#movedCarets.delete(session);
    this.#peopleChanged();
  }

  #refuse(session: number, code: RefusalCode, retryable: boolean, detail: string): void {
    const body = { code, retryable, detail };
    this.#effects.push({ type: 'send', session, message: { type: 'refused', body } });
    this.#dismiss(session);
  }

  #dismiss(session: number, reason?: 'moved'): void {
    if (reason === 'moved') {
      const body = { minDelayMs: 100, maxDelayMs: 2_000 };
      this.#effects.push({ type: 'send', session, message: { type: 'moved', body } });
    }
    this.#waiting.delete(session);
    this.#remove(session);
    this.#effects.push({ type: 'dismissed', session });
    this.#watchIdle();
  }

  // --- People and carets ------------------------------------------------------------------------

  #presence(number: number, message: PresenceMessage, now: number): void {
    const session = this.#sessions.get(number);
    if (session === undefined || !session.presence.take(now)) return;
    const { version, anchor, head } = message;
    if (version < this.#recent.from || version > this.#head) return;
    session.caret = { session: number, version, anchor, head };
    if (this.#movedCarets.size === 0) {
      this.#effects.push({ type: 'startTimer', name: 'carets', ms: CARETS_MS });
    }
    this.#movedCarets.add(session);
  }

  /** Carets of operations since are moved along, so that a receiver need not know the past. */
  #caretNow(session: Session): NonNullable<Session['caret']>[] {
    const { caret, client } = session;
    if (caret === null || caret.version < this.#recent.from) return [];
    session.caret = {
      session: session.number,
      version: this.#head,
      anchor: this.#recent.moveCaret(caret.anchor, caret.version, this.#head, client),
      head: this.#recent.moveCaret(caret.head, caret.version, this.#head, client),
    };
    return [session.caret];
  }

  #peopleChanged(): void {
    if (this.#peopleDue) return;
    this.#peopleDue = true;
    // A full room changes often, and its list is long.
    const ms = PEOPLE_MS + this.#sessions.size * 2;
    this.#effects.push({ type: 'startTimer', name: 'people', ms });
  }

  #timer(name: Extract<DocumentInput, { type: 'timer' }>['name']): void {
    switch (name) {
      case 'carets': {
        const carets = [...this.#movedCarets].flatMap((session) => this.#caretNow(session));
        this.#movedCarets.clear();
        if (carets.length > 0) this.#broadcast({ type: 'carets', body: { carets } });
        return;
      }
      case 'people': {
        this.#peopleDue = false;
        const body = { people: this.#sessions.people(), total: this.#sessions.size };
        return this.#broadcast({ type: 'people', body });
      }
      case 'heartbeat':
        return this.#beat();
      case 'idle':
        this.#idleTimer = false;
        if (this.#readSinceIdle) {
          this.#readSinceIdle = false;
          return this.#watchIdle();
        }
        return this.#unloadWhenDone();
    }
  }

  /** Tells a quiet room the head, so that a lost frame is noticed (I9). */
  #beat(): void {
    this.#beating = this.#sessions.size > 0;
    if (!this.#beating) return;
    this.#beatMs = this.#spoke ? HEARTBEAT_MS : Math.min(2 * this.#beatMs, HEARTBEAT_MAX_MS);
    this.#broadcast({ type: 'head', body: { version: this.#head } });
    this.#spoke = false;
    this.#effects.push({ type: 'startTimer', name: 'heartbeat', ms: this.#beatMs });
  }

  #broadcast(message: ServerMessage, except: ReadonlySet<number> = NOBODY): void {
    if (message.type === 'operations') this.#spoke = true;
    if (this.#sessions.size > except.size) {
      this.#effects.push({ type: 'broadcast', message, except });
    }
  }

  // --- Text and memory --------------------------------------------------------------------------

  #foldTo(version: number): DocumentText {
    if (version > this.#textVersion) {
      for (const { op } of this.#recent.between(this.#textVersion, version)) {
        this.#text = this.#text.apply(op);
      }
      this.#textVersion = version;
    }
    return this.#text;
  }

  #checkpointWhenDue(): void {
    if (this.#head - this.#checkpointVersion < CHECKPOINT_EVERY_VERSIONS) return;
    this.#checkpoint();
    if (
      this.#recent.bytes > RECENT_BYTES ||
      this.#recent.until - this.#recent.from > TAIL_OPERATIONS_MAX + CHECKPOINT_EVERY_VERSIONS
    ) {
      this.#foldTo(this.#head);
      const half = Math.floor((this.#recent.from + this.#head) / 2);
      const kept = this.#head - TAIL_OPERATIONS_MAX;
      this.#recent.dropUntil(this.#recent.bytes > RECENT_BYTES ? Math.max(half, kept) : kept);
    }
  }

  #checkpoint(): void {
    if (this.#checkpointing) return;
    this.#checkpointing = true;
    this.#effects.push({ type: 'checkpoint', version: this.#head, text: this.text });
  }

  #watchIdle(): void {
    if (this.#idleTimer || this.#sessions.size > 0) return;
    this.#idleTimer = true;
    this.#effects.push({ type: 'startTimer', name: 'idle', ms: IDLE_MS });
  }

  /** Leaves memory when nobody is here (or the server stops), everything is durable, and checkpointed. */
  #unloadWhenDone(): void {
    const isIdle = !this.#idleTimer && this.#sessions.size === 0 && this.#waiting.size === 0;
    if (this.undurable > 0 || this.#checkpointing || !(this.#stopping || isIdle)) return;
    for (const session of this.#everybody()) this.#dismiss(session, 'moved');
    if (this.#head > this.#checkpointVersion) return this.#checkpoint();
    this.#isGone = true;
    this.#effects.push({ type: 'unload' });
  }

  #everybody(): number[] {
    return [...[...this.#sessions].map(({ number }) => number), ...this.#waiting.keys()];
  }

  /** The append failed: what is in the log is no longer known here. The state is dropped, never repaired. */
  #giveUp(reason: 'duplicate' | 'unavailable'): void {
    for (const session of this.#everybody()) {
      if (reason === 'duplicate') this.#dismiss(session, 'moved');
      else {
        const detail = 'The server cannot store changes now. They are kept and sent again.';
        this.#refuse(session, 'storeUnavailable', true, detail);
      }
    }
    this.#isGone = true;
    this.#effects.push({ type: 'unload' });
  }
}

const withoutOperation = ({ clientId, seq, author, at }: LoggedOperation): CommittedOperation => ({
  clientId,
  seq,
  author,
  at,
});

function isLarge(operation: TextOperation): boolean {
  let size = 0;
  for (const component of operation) if (typeof component === 'string') size += component.length;
  return size > ECHO_MAX;
}
