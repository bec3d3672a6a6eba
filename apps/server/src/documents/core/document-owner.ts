/**
 * The owner of one document: the hot path, as one pure step (A4).
 *
 *   submit ─▶ rate ─▶ dedupe ─▶ validate ─▶ transform ─▶ version ─▶ gathered
 *                                                          │ one append at a time (A1)
 *                    everybody ◀─ broadcast ◀─ durable ◀───┘ ONLY THEN (A2)
 *
 * What arrives while an append is under way is gathered and becomes the next batch: under load, batches
 * grow by themselves (A9). No clock, randomness, timers or I/O here; `document-runner.ts` has them.
 */
import {
  lengthChange,
  noOperation,
  transformUncommitted,
  validateOperation,
  type DocumentText,
  type OperationLimits,
  type TextOperation,
} from '@concord/ot';
import {
  ACCESS_CHECK_MS,
  CHECKSUM_EVERY_VERSIONS,
  CHECKSUM_INTERVAL_MS,
  HEARTBEAT_MS,
  OLDEST_PROTOCOL_VERSION,
  PROTOCOL_VERSION,
  SESSIONS_PER_DOCUMENT,
  TAIL_BYTES,
  TAIL_BYTES_MAX,
  TAIL_INLINE_BYTES,
  TAIL_OPERATIONS_MAX,
  type ClientId,
  type CommittedOperation,
  type OperationsMessage,
  type PresenceMessage,
  type RefusalCode,
  type RejectedMessage,
  type RejectionCode,
  type ServerMessage,
  type SubmitMessage,
  type WithdrawMessage,
} from '@concord/protocol';
import { currentRoleLive, may, type DocumentAccess } from '../../access/core/permissions.ts';
import type { ClientPosition, LoggedOperation } from '../../store/ports/store.ts';
import { isOwnByApi } from './api-clients.ts';
import { Clients, type Client } from './clients.ts';
import { isProvenDivergence, SentChecksums } from './divergence.ts';
import type {
  DocumentEffect,
  DocumentInput,
  EditCondition,
  EditRejection,
  OpenedDocument,
  StorageRefusal,
} from './document-messages.ts';
import { isOfAnotherHistory, needsChecksum, needsEntry } from './join-history.ts';
import { JoinProgress } from './join-progress.ts';
import { rebase } from './rebase.ts';
import { RecentOperations, stepsOf } from './recent-operations.ts';
import { Sessions, type Session } from './sessions.ts';
import { SharedTail } from './shared-tail.ts';
import { SubmissionAllowances } from './submission-allowances.ts';

/** A checkpoint is due after this many versions: a cold open replays at most about twice as many. */
export const CHECKPOINT_EVERY_VERSIONS = 1_000;
/** … or after this many bytes of operations: a thousand of them may be 64 MB. */
const CHECKPOINT_EVERY_BYTES = 4 * 1024 * 1024;
/** Operations kept in memory for stale clients: as many as a join may bring, and no more than this. */
const RECENT_BYTES = 8 * 1024 * 1024;
/** Beyond this the store is too slow for what arrives: clients are asked to wait (I8). */
const GATHERED_OPERATIONS_MAX = 10_000;
/** Component steps that transforming one submission may cost: a few milliseconds (I8). */
const TRANSFORM_COST_MAX = 100_000;
/** Component steps that cost as much of a session's allowance as one operation. */
const TRANSFORM_COST_PER_TOKEN = 5_000;
/** Component steps that moving one edit by the REST API may cost here, some 15 ms: old-edits.ts moves it before. */
export const EDIT_TRANSFORM_COST_MAX = 50_000;
/** Up to this size (UTF-16 units) an author gets his operation back: one frame for all, encoded once (A9). */
const ECHO_MAX = 2_048;
/** Whose operations take a place in the log and change nothing. Nobody has such a user id. */
const PLACEHOLDER = 'placeholderplaceholderplac' as ClientId;
const PLACEHOLDER_AUTHOR = 'server';
/** Longer than an edit by the REST API takes, from reading its client's position to being decided. */
const API_CLIENT_MS = 60_000;
const CARETS_MS = 50;
const PEOPLE_MS = 100;
const IDLE_MS = 60_000;
/** Heartbeats of a document at rest become rarer up to this. */
const HEARTBEAT_MAX_MS = 60_000;
const NOBODY: ReadonlySet<number> = new Set();

type Join = Extract<DocumentInput, { type: 'join' }>;
type Found = Pick<Extract<DocumentInput, { type: 'loaded' }>, 'isTooLong' | 'entry' | 'checksum'>;
type Edit = Extract<DocumentInput, { type: 'edit' }>;

export class DocumentOwner {
  readonly #document: OpenedDocument;
  readonly #operationLimits: OperationLimits;
  #title: string;
  #titleVersion: number;
  /** Live: every message is checked against it (I7). */
  #access: DocumentAccess;

  /** The durable head (I1). Everything sent to anybody is at most this. */
  #head: number;
  /** Operations up to the last version given out, durable or not. */
  readonly #recent: RecentOperations;
  /** Under way to the log; then gathered for the next append. */
  #appending: LoggedOperation[] = [];
  #gathered: LoggedOperation[] = [];
  #isFlushDue = false;
  /** Edits by the REST API that are not durable yet, by their last version. */
  #edits: { readonly ticket: number; readonly version: number }[] = [];
  /** Something was written since this document was opened: nothing of a former owner can land any more. */
  #isSettled = false;
  /** Rejections that are not durable yet, by their version. */
  #rejections: {
    readonly session: number;
    readonly version: number;
    readonly rejection: RejectedMessage;
  }[] = [];

  readonly #clients = new Clients();
  readonly #sessions = new Sessions();
  readonly #joinProgress = new JoinProgress();
  readonly #allowances = new SubmissionAllowances();
  readonly #sharedTail = new SharedTail();
  readonly #sentChecksums = new SentChecksums();
  /** Whose join each connection brought last: late packets of it may still arrive while it is open. */
  readonly #joinedAs = new Map<number, Client>();
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
  /** Of operations committed since the newest checkpoint. */
  #bytesSinceCheckpoint: number;

  readonly #movedCarets = new Set<Session>();
  /** Connections that were told of a new role: the frame may be lost, or late, even after another join in it. */
  readonly #toldRoles = new Set<number>();
  #peopleDue = false;
  #beatMs = HEARTBEAT_MS;
  #beating = false;
  #spoke = false;
  #readSinceIdle = false;
  #idleTimer = false;
  #watchingAccess = false;
  #stopping = false;
  #isGone = false;

  #effects: DocumentEffect[] = [];

  constructor(opened: OpenedDocument) {
    const { limits, version, text, tail } = opened;
    this.#document = opened;
    this.#title = opened.title;
    this.#titleVersion = opened.titleVersion;
    this.#access = opened.access;
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
    this.#bytesSinceCheckpoint = this.#recent.bytes;
    for (const [index, logged] of tail.entries()) this.#clients.replay(logged, version + 1 + index);
  }

  /** The durable head version. */
  get version(): number {
    return this.#head;
  }
  /** The lowest version from which operations are in memory. */
  get recentFrom(): number {
    return this.#recent.from;
  }
  get title(): string {
    return this.#title;
  }
  get sessionCount(): number {
    return this.#sessions.size;
  }
  /** The operation that produced a version, or undefined when it is not in memory, or not durable. */
  operationAt(version: number): LoggedOperation | undefined {
    return version > this.#head ? undefined : this.#recent.at(version);
  }
  /** Component steps that moving consecutive operations to the newest version costs; Infinity from too far behind. */
  costOfEdit(baseVersion: number, operations: readonly TextOperation[]): number {
    if (baseVersion < this.#recent.from) return Infinity;
    if (baseVersion > this.#recent.until) return 0;
    let cost = 0;
    for (const each of operations) cost += this.#recent.transformCost(baseVersion, stepsOf(each));
    return cost;
  }
  /** The durable text. */
  get text(): DocumentText {
    return this.#foldTo(this.#head);
  }
  /** About how many bytes of memory all of it takes: UTF-16, operations as JSON and as objects, clients. */
  get memoryBytes(): number {
    const { lengthUtf16 } = this.#text;
    const operations = this.#recent.until - this.#recent.from;
    return 2 * lengthUtf16 + this.#recent.bytes + 200 * operations + 300 * this.#clients.size;
  }
  /** Operations taken in but not durable yet. */
  get undurable(): number {
    return this.#appending.length + this.#gathered.length;
  }

  /** @param now milliseconds since 1970 */
  step(input: DocumentInput, now: number): readonly DocumentEffect[] {
    this.#effects = [];
    if (this.#isGone) {
      if (input.type === 'join') this.#joinWhenGone(input, now);
      if (input.type === 'edit') this.#rejectEdit(input.ticket, 'storeUnavailable');
    } else this.#handle(input, now);
    return this.#effects;
  }

  #handle(input: DocumentInput, now: number): void {
    switch (input.type) {
      case 'submit':
        return this.#submit(input.session, input.message, now, input.refusal);
      case 'withdraw':
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
      case 'probe': {
        const session = this.#sessions.get(input.session);
        if (session === undefined || !session.presence.take(now)) return;
        if (!this.#isGranted(session, now)) return;
        const message = { type: 'head', body: { version: this.#head } } as const;
        this.#effects.push({ type: 'send', session: input.session, message });
        return;
      }
      case 'left':
        return this.#leave(input.session, now);
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
        return this.#timer(input.name, now);
      case 'accessChanged':
        if (input.access.epoch < this.#access.epoch) return;
        this.#access = input.access;
        return this.#decideRoles(now);
      case 'renewed': {
        const session = this.#sessions.get(input.session);
        if (session !== undefined) session.authorizedUntil = input.authorizedUntil;
        return;
      }
      case 'removed':
        return this.#giveUp('removed');
      case 'edit':
        return this.#edit(input, now);
      case 'renamed': {
        const { title, titleVersion, renameId } = input;
        if (titleVersion <= this.#titleVersion) return;
        this.#title = title;
        this.#titleVersion = titleVersion;
        const cause = renameId === null ? {} : { renameId };
        return this.#broadcast({ type: 'titled', body: { title, titleVersion, ...cause } });
      }
      case 'personRenamed':
        for (const session of this.#sessions) {
          if (session.client.userId !== input.userId) continue;
          session.name = input.name;
          this.#peopleChanged();
        }
        return;
      case 'read':
        this.#readSinceIdle = true;
        this.#watchAccess();
        return this.#watchIdle();
      case 'release':
        if (this.#sessions.size > 0 || this.#waiting.size > 0) return;
        this.#idleTimer = false;
        this.#readSinceIdle = false;
        return this.#unloadWhenDone();
      case 'stop':
        this.#stopping = true;
        return this.#unloadWhenDone();
    }
  }

  // --- Submitting: the hot path -----------------------------------------------------------------

  /** Also withdraws a number: it is decided by the same rules, and then rejected. */
  #submit(
    number: number,
    message: SubmitMessage | WithdrawMessage,
    now: number,
    refusal: StorageRefusal | null = null,
  ): void {
    const { seq } = message;
    const session = this.#sessions.get(number);
    // A late packet of a session that is over (rule 1), or the document is being closed: the client
    // keeps the operation and sends it again after its next join.
    if (session === undefined || this.#stopping || !this.#isGranted(session, now)) return;
    const { client } = session;

    const reject = (code: RejectionCode, detail: string): void =>
      this.#reject(number, client, { seq, code, retryable: false, detail }, now);

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
    if (!may(session.role, 'write')) {
      return this.#sendRejected(number, {
        seq,
        code: 'readOnly',
        retryable: true,
        detail: 'You may read this document, not change it.',
      });
    }
    // After the dedupe: what is in the log is not rejected.
    if (refusal !== null) {
      return this.#sendRejected(number, { seq, retryable: true, ...refusal });
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
    if (!('baseVersion' in message)) {
      return reject('withdrawn', 'The change grew too large; it is cut and sent again.');
    }
    const { baseVersion, op } = message;
    const { assignedVersion } = client;
    const isBeforeOwn = assignedVersion > session.ownBefore && baseVersion < assignedVersion;
    if (baseVersion > this.#head || isBeforeOwn) {
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

    client.rejection = null;
    this.#take(client, seq, transformed, now);
  }

  /** The operation gets its version; it is durable, and told of, with the batch it belongs to. */
  #take(client: Client, seq: number, op: TextOperation, now: number): void {
    const { clientId, userId } = client;
    const logged: LoggedOperation = { clientId, seq, author: userId, at: now, op };
    this.#recent.push(logged);
    client.decidedSeq = client.assignedSeq = seq;
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
    const { rejection } = client;
    if (seq === rejection?.seq) {
      const isTold = this.#rejections.every((each) => each.rejection !== rejection);
      return isTold ? this.#sendRejected(number, rejection) : undefined;
    }
    // Not durable yet: the acknowledgement follows in the stream.
    if (seq > client.durableSeq) return;
    this.#sendRejected(number, {
      seq,
      code: 'staleSequence',
      retryable: false,
      detail: 'This change was decided before.',
    });
  }

  /**
   * For good: the number is used up, so that the client is not blocked for ever (rule 1).
   *
   * A former owner may have taken the same number in, and have been told that its append failed, although it lands
   * later. As long as nothing was written since, an operation that changes nothing takes the place in the log where
   * that one would land; once it is durable, the rejection is the truth, and is told.
   */
  #reject(number: number, client: Client, rejection: RejectedMessage, now: number): void {
    const { seq } = rejection;
    client.decidedSeq = seq;
    client.rejection = rejection;
    if (this.#isSettled) return this.#sendRejected(number, rejection);
    if (this.#recent.until === this.#head) this.#takePlace(now);
    this.#rejections.push({ session: number, version: this.#recent.until, rejection });
  }

  /** Nobody's operation, which changes nothing; its numbers are those of the versions. */
  #takePlace(now: number): void {
    const client = this.#clients.learn(PLACEHOLDER, PLACEHOLDER_AUTHOR, null);
    this.#take(client, this.#recent.until + 1, noOperation, now);
  }

  #sendRejected(session: number, body: NonNullable<Client['rejection']>): void {
    this.#effects.push({ type: 'send', session, message: { type: 'rejected', body } });
  }

  /** The client shall rejoin: it gets the tail and rebases by itself. */
  #tooFarBehind(number: number): void {
    this.#refuse(number, 'slowReader', true, 'Too far behind; the newest text follows.');
  }

  /** By the REST API: consecutive operations, in one step, so that nothing comes between them. */
  #edit(edit: Edit, now: number): void {
    const { ticket, userId, atMost, clientId, once, condition, baseVersion, operations } = edit;
    const reject = (code: EditRejection): void => this.#rejectEdit(ticket, code);
    if (this.#stopping || this.#gathered.length >= GATHERED_OPERATIONS_MAX) {
      return reject('storeUnavailable');
    }
    const asker = { userId, atMost: atMost ?? null };
    if (!may(currentRoleLive(this.#access, asker, now).role, 'write')) return reject('readOnly');
    // In the log, or on its way there: it is answered, not taken in again.
    if (once !== undefined && this.#isRepeated(edit, once.position)) return;
    const unmet = condition === undefined ? null : this.#unmet(condition, userId);
    if (unmet !== null) return reject(unmet);
    if (baseVersion > this.#head) return reject('invalidBaseVersion');
    if (this.costOfEdit(baseVersion, operations) > EDIT_TRANSFORM_COST_MAX) return reject('conflict'); // prettier-ignore
    let length = this.#recent.lengthAt(baseVersion);
    for (const operation of operations) {
      const checked = validateOperation(operation, length, this.#operationLimits);
      if (!checked.ok) return reject(checked.fault);
      length += lengthChange(operation);
    }
    const committed = this.#recent.between(baseVersion).map(({ op }) => op);
    const rebased = rebase(operations, committed);
    const change = rebased.reduce((sum, operation) => sum + lengthChange(operation), 0);
    const newLength = this.#recent.lengthAt(this.#recent.until) + change;
    if (change > 0 && newLength > this.#operationLimits.documentCodePoints) {
      return reject('documentTooLarge');
    }
    const client = this.#clients.learn(clientId, userId, null);
    // Without `once` nothing is read from the log: what is known here is all there is.
    client.neededUntil = once === undefined ? Infinity : now + API_CLIENT_MS;
    // Everybody sees client ids: its person may have joined under this one, and used its numbers up.
    if (!Number.isSafeInteger(client.decidedSeq + rebased.length)) return reject('conflict');
    for (const operation of rebased) this.#take(client, client.decidedSeq + 1, operation, now);
    this.#edits.push({ ticket, version: this.#recent.until });
  }

  /** An edit that was sent again is answered when it is durable; true when this one is. */
  #isRepeated({ ticket, clientId, userId }: Edit, position: ClientPosition | null): boolean {
    const isUnknown = this.#clients.get(clientId, userId) === undefined;
    if (isUnknown && position !== null && position.version > this.#head) {
      // The log has an operation that this owner never wrote: its state is not the log's.
      this.#rejectEdit(ticket, 'storeUnavailable');
      this.#giveUp('duplicate');
      return true;
    }
    const { assignedSeq, assignedVersion } = this.#clients.learn(clientId, userId, position);
    if (assignedSeq === 0) return false;
    if (assignedVersion > this.#head) this.#edits.push({ ticket, version: assignedVersion });
    else this.#effects.push({ type: 'edited', ticket, version: assignedVersion });
    return true;
  }

  /** Why the condition of an edit does not hold now; null when it does. */
  #unmet({ kind, version }: EditCondition, userId: string): EditRejection | null {
    if (this.#recent.until === version) return null;
    if (kind === 'unchanged') return 'changedMeanwhile';
    const isKnown = version >= this.#recent.from && version <= this.#recent.until;
    if (!isKnown) return 'othersWrote';
    const since = this.#recent.between(version);
    return since.every((logged) => isOwnByApi(logged, userId)) ? null : 'othersWrote';
  }

  #rejectEdit(ticket: number, code: EditRejection): void {
    this.#effects.push({ type: 'editRejected', ticket, code });
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
    this.#bytesSinceCheckpoint += this.#recent.bytesBetween(firstVersion - 1, this.#head);
    for (const [index, logged] of operations.entries()) {
      const client = this.#clients.committed(logged, firstVersion + index);
      const author = isLarge(logged.op) ? this.#sessions.ofClient(client) : undefined;
      if (author !== undefined) authors.add(author);
    }
    this.#isSettled = true;
    // The next append begins before this one is told of.
    this.#appendGathered();
    while (this.#rejections[0] !== undefined && this.#rejections[0].version <= this.#head) {
      const { session, rejection } = this.#rejections[0];
      this.#sendRejected(session, rejection);
      this.#rejections.shift();
    }
    this.#deliver(firstVersion, operations, authors, now);
    while (this.#edits[0] !== undefined && this.#edits[0].version <= this.#head) {
      this.#effects.push({ type: 'edited', ...this.#edits[0] });
      this.#edits.shift();
    }
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
    if (checksum.checksum !== undefined) this.#sentChecksums.add(lastVersion, checksum.checksum);
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

  /**
   * @param found what the store said: whether the operations that the client lacks take more than a join may bring, and
   * the operation that produced the join's version, when that was asked for; null when the log has none
   */
  #join(join: Join, now: number, found: Found = { isTooLong: false }): void {
    const { session, userId } = join;
    const { clientId, epoch, version, protocol } = join.message;
    // First of all: whoever may not read learns nothing of the document, nor changes what is known of a client.
    const asker = { userId, atMost: join.atMost ?? null };
    if (currentRoleLive(this.#access, asker, now).role === null) {
      return this.#refuseUnknown(session);
    }
    if (now >= join.authorizedUntil) return this.#refuseExpired(session);
    if (this.#stopping) return this.#dismiss(session, 'moved');
    if (protocol < OLDEST_PROTOCOL_VERSION || protocol > PROTOCOL_VERSION) {
      const detail = `This server speaks versions ${OLDEST_PROTOCOL_VERSION} to ${PROTOCOL_VERSION}. Reload the page.`;
      return this.#refuse(session, 'unsupportedProtocol', false, detail);
    }
    const client = this.#clients.get(clientId, userId);
    const isResync =
      found.isTooLong || join.message.diverged === true || this.#isTailTooLong(version);
    const isWindowKnown = version >= this.#recent.from || isResync;
    const entry = this.#recent.at(version) ?? found.entry;
    const isEntryWanted = entry === undefined && needsEntry(join.message, { head: this.#head });
    const isOwnText = version === this.#head && needsChecksum(join.message, { head: this.#head });
    const checksum = isOwnText ? this.text.checksum : found.checksum;
    const isChecksumWanted =
      checksum === undefined && needsChecksum(join.message, { head: this.#head });
    if (client === undefined || !isWindowKnown || isEntryWanted || isChecksumWanted) {
      this.#waiting.set(session, join);
      const untilVersion = isWindowKnown ? version : this.#recent.from;
      const range = { afterVersion: version, untilVersion, bytesMax: this.#tailBytesMax() };
      const entryVersion = isEntryWanted ? version : null;
      const checksumVersion = isChecksumWanted ? version : null;
      const asked = { session, clientId, epoch, userId, ...range, entryVersion, checksumVersion };
      this.#effects.push({ type: 'load', ...asked });
      return;
    }
    if (epoch <= client.epoch) {
      // A late packet of a dead epoch, or the same join twice.
      if (this.#sessions.get(session)?.client === client) return;
      return this.#refuse(session, 'staleEpoch', true, 'A newer connection of this tab exists.');
    }
    client.epoch = epoch;
    this.#joinedAs.set(session, client);
    this.#clients.forget((each) => this.#isNeeded(each, now));
    this.#waiting.delete(session);
    const former = this.#sessions.ofClient(client);
    if (former !== undefined && former.number !== session) {
      this.#refuse(former.number, 'staleEpoch', true, 'This tab connected again.');
    } else this.#remove(session);

    const { historyId } = this.#document;
    const own = { historyId, head: this.#head, entry: entry ?? null, checksum };
    if (isOfAnotherHistory(join.message, own)) {
      const detail =
        'The server was restored from a backup, and what this device has of the document belongs to ' +
        'its former history. Nothing was sent or changed; the text stays on this device.';
      return this.#refuse(session, protocol < 3 ? 'ahead' : 'otherHistory', false, detail);
    }
    if (join.message.diverged === true) {
      const sent = version === this.#head ? this.text.checksum : this.#sentChecksums.at(version);
      const isProven = isProvenDivergence(join.message, own, sent);
      this.#effects.push({ type: 'divergence', session, clientId, isProven });
    }
    // A number that no operation has is the client's to give, also one that was rejected by an owner who is gone:
    // a device may have kept the operation, and lost the news. The own rejection stands.
    const { nextSeq } = join.message;
    const decided = client.rejection?.seq === nextSeq ? nextSeq : client.assignedSeq;
    client.decidedSeq = Math.max(decided, nextSeq - 1);
    if (isResync) {
      // A snapshot may be newer than this answer: it must not contain an operation that the answer does not tell of.
      if (client.assignedVersion > this.#head) return this.#dismiss(session, 'moved');
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

  #joinWhenGone({ session, userId, atMost = null }: Join, now: number): void {
    const { role } = currentRoleLive(this.#access, { userId, atMost }, now);
    if (role === null) this.#refuseUnknown(session);
    else this.#dismiss(session, 'moved');
  }

  #welcome(join: Join, client: Client, now: number): void {
    const { session, userId, name, authorizedUntil } = join;
    const { epoch, version } = join.message;
    const { limits, historyId } = this.#document;
    const asker = { userId, atMost: join.atMost ?? null };
    const { role, until: roleUntil } = currentRoleLive(this.#access, asker, now);
    if (role === null) return;
    const times = this.#joinProgress.joined(client, join.message, now);
    if (times > 0) {
      this.#effects.push({ type: 'joinedInVain', clientId: client.clientId, times });
    }
    this.#sessions.add(
      session,
      {
        client,
        ownBefore: client.assignedVersion,
        name,
        asker,
        authorizedUntil,
        role,
        roleUntil,
        submissions: this.#allowances.of(userId, limits, now),
      },
      now,
    );
    // A short tail comes along; a longer one follows in frames that everybody who joins now shares.
    const isShort = this.#recent.bytesBetween(version, this.#head) <= TAIL_INLINE_BYTES;
    const tail = isShort ? this.#recent.between(version, this.#head) : [];
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
          tail,
          limits,
          people: this.#sessions.people(),
          peopleTotal: this.#sessions.size,
          self: session,
          userId,
          title: this.#title,
          titleVersion: this.#titleVersion,
          historyId,
        },
      },
    });
    if (!isShort) {
      for (const message of this.#sharedTail.frames(this.#recent, version, this.#head)) {
        this.#effects.push({ type: 'send', session, message });
      }
    }
    const carets = [...this.#sessions].flatMap((other) =>
      other.number === session ? [] : this.#caretNow(other),
    );
    if (carets.length > 0) {
      this.#effects.push({ type: 'send', session, message: { type: 'carets', body: { carets } } });
    }
    this.#effects.push({ type: 'joined', session });
    this.#peopleChanged();
    this.#watchAccess();
    if (!this.#beating) {
      this.#beating = true;
      this.#effects.push({ type: 'startTimer', name: 'heartbeat', ms: this.#beatMs });
    }
  }

  /** Whether what happened since is more than a join may bring: then a snapshot is less. */
  #isTailTooLong(version: number): boolean {
    if (version >= this.#head) return false;
    if (this.#head - version > TAIL_OPERATIONS_MAX) return true;
    const known = Math.max(version, this.#recent.from);
    return this.#recent.bytesBetween(known, this.#head) > this.#tailBytesMax();
  }

  /** A long text is worth a longer tail. */
  #tailBytesMax(): number {
    const length = this.#recent.lengthAt(this.#head);
    return Math.max(TAIL_BYTES, Math.min(TAIL_BYTES_MAX, length));
  }

  /**
   * Whether something of the client is known here that the log does not have: it is present, or its connection is
   * still there, so that its former epochs must stay dead, or something of it is on its way.
   */
  #isNeeded(client: Client, now: number): boolean {
    if (now < client.neededUntil || client.userId === PLACEHOLDER_AUTHOR) return true;
    if (client.assignedVersion > this.#head || client.durableSeq !== client.assignedSeq)
      return true;
    if (this.#rejections.some(({ rejection }) => rejection === client.rejection)) return true;
    for (const each of this.#joinedAs.values()) if (each === client) return true;
    // What the store answers to a join that waits may be older than what is known.
    for (const { message, userId } of this.#waiting.values()) {
      if (message.clientId === client.clientId && userId === client.userId) return true;
    }
    return this.#sessions.ofClient(client) !== undefined;
  }

  #loaded(input: Extract<DocumentInput, { type: 'loaded' }>, now: number): void {
    const join = this.#waiting.get(input.session);
    const { clientId, epoch } = input;
    if (join?.message.clientId !== clientId || join.message.epoch !== epoch) return;
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
    this.#join(join, now, input);
  }

  #leave(number: number, now: number): void {
    this.#waiting.delete(number);
    const client = this.#sessions.get(number)?.client;
    if (client !== undefined) this.#joinProgress.left(client, now);
    this.#remove(number);
    this.#toldRoles.delete(number);
    this.#joinedAs.delete(number);
    this.#watchIdle();
  }

  #remove(number: number): void {
    const session = this.#sessions.get(number);
    if (session === undefined) return;
    this.#sessions.remove(number);
    this.#effects.push({ type: 'unjoined', session: number });
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

  // --- Access (I7) ------------------------------------------------------------------------------

  /** Whether the session may still be heard: its proof is good, its role decided for now. */
  #isGranted(session: Session, now: number): boolean {
    if (now >= session.authorizedUntil) {
      this.#refuseExpired(session.number);
      return false;
    }
    return now < session.roleUntil || this.#decideRole(session, now);
  }

  /** Decides the session's role anew; false when it has none any more and was sent away. */
  #decideRole(session: Session, now: number): boolean {
    const { role, until } = currentRoleLive(this.#access, session.asker, now);
    if (role === null) {
      const detail =
        'You have no access to this document any more. Your text stays on this device.';
      this.#refuse(session.number, 'accessRevoked', false, detail);
      return false;
    }
    session.roleUntil = until;
    if (role === session.role) return true;
    session.role = role;
    this.#toldRoles.add(session.number);
    this.#sendRole(session);
    return true;
  }

  #sendRole({ number, role }: Session): void {
    const message = { type: 'role', body: { role } } as const;
    this.#effects.push({ type: 'send', session: number, message });
  }

  #decideRoles(now: number): void {
    for (const session of [...this.#sessions]) this.#decideRole(session, now);
  }

  /** A notification may be lost: as long as the document is in memory, the store is asked now and then. */
  #watchAccess(): void {
    if (this.#watchingAccess) return;
    this.#watchingAccess = true;
    this.#effects.push({ type: 'startTimer', name: 'access', ms: ACCESS_CHECK_MS });
  }

  #checkAccess(now: number): void {
    this.#watchingAccess = false;
    for (const session of [...this.#sessions]) this.#isGranted(session, now);
    const { epoch } = this.#access;
    this.#effects.push({ type: 'recheck', epoch, titleVersion: this.#titleVersion });
    this.#watchAccess();
  }

  #refuseExpired(session: number): void {
    const detail = 'The sign-in has to be renewed; the connection is made again by itself.';
    this.#refuse(session, 'tokenExpired', true, detail);
  }

  /** The same answer for a document that is not there and one that may not be read. */
  #refuseUnknown(session: number): void {
    this.#refuse(session, 'notFound', false, 'There is no such document, or it is not shared with you.'); // prettier-ignore
  }

  // --- People and carets ------------------------------------------------------------------------

  #presence(number: number, message: PresenceMessage, now: number): void {
    const session = this.#sessions.get(number);
    if (session === undefined || !session.presence.take(now)) return;
    if (!this.#isGranted(session, now)) return;
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

  #timer(name: Extract<DocumentInput, { type: 'timer' }>['name'], now: number): void {
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
      case 'access':
        return this.#checkAccess(now);
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
    this.#sharedTail.clear();
    this.#beating = this.#sessions.size > 0;
    if (!this.#beating) return;
    this.#beatMs = this.#spoke ? HEARTBEAT_MS : Math.min(2 * this.#beatMs, HEARTBEAT_MAX_MS);
    this.#broadcast({ type: 'head', body: { version: this.#head } });
    // A lost frame leaves no gap in the versions by which it would be noticed.
    for (const session of this.#sessions) {
      if (this.#toldRoles.has(session.number)) this.#sendRole(session);
    }
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
    const isDue =
      this.#head - this.#checkpointVersion >= CHECKPOINT_EVERY_VERSIONS ||
      this.#bytesSinceCheckpoint >= CHECKPOINT_EVERY_BYTES;
    if (isDue) this.#checkpoint();
    const isLong = this.#recent.until - this.#recent.from > TAIL_OPERATIONS_MAX + CHECKPOINT_EVERY_VERSIONS; // prettier-ignore
    if (this.#recent.bytes <= RECENT_BYTES && !isLong) return;
    this.#foldTo(this.#head);
    const kept = this.#head - TAIL_OPERATIONS_MAX;
    const light = Math.min(this.#recent.versionWithin(RECENT_BYTES / 2), this.#head);
    this.#recent.dropUntil(this.#recent.bytes > RECENT_BYTES ? Math.max(light, kept) : kept);
    this.#sharedTail.clear();
  }

  #checkpoint(): void {
    if (this.#checkpointing) return;
    this.#checkpointing = true;
    this.#bytesSinceCheckpoint = 0;
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
  #giveUp(reason: 'duplicate' | 'unavailable' | 'removed'): void {
    for (const session of this.#everybody()) {
      if (reason === 'removed') {
        const detail = 'This document was deleted for ever. Your text stays on this device.';
        this.#refuse(session, 'accessRevoked', false, detail);
      } else if (reason === 'duplicate') this.#dismiss(session, 'moved');
      else {
        const detail = 'The server cannot store changes now. They are kept and sent again.';
        this.#refuse(session, 'storeUnavailable', true, detail);
      }
    }
    for (const { ticket } of this.#edits) this.#rejectEdit(ticket, 'storeUnavailable');
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
