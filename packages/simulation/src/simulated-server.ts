/**
 * A server process: accepts connections, parses frames as the gateway does, and opens the document on demand. It may be
 * killed, stopped or paused at any moment.
 */
import type { EffectState, EffectTypes, TextOperation } from '@concord/ot';
import type {
  ClientId,
  DocumentId,
  Head,
  Limits,
  OperationIdentity,
  RefusalCode,
  ServerMessage,
  SubmitMessage,
} from '@concord/protocol';
import type { DocumentInput, EditRejection, Rename, VersionedTitle } from '@concord/server';
import type { Cores } from './cores.ts';
import type { EventLog } from './event-log.ts';
import { must } from './invariant-error.ts';
import type { Connection } from './network.ts';
import { parseFrame, type Guest } from './parse-frame.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import { SimulatedDocument, WORLD_BEGINS_AT } from './simulated-document.ts';
import type { SimulatedStore, StoredCheckpoint } from './simulated-store.ts';
import type { SimulatedTitles } from './simulated-titles.ts';

export interface ServerOptions {
  readonly cores: Cores;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly store: SimulatedStore;
  readonly titles: SimulatedTitles;
  readonly log: EventLog;
  readonly documentId: DocumentId;
  readonly limits: Limits;
  /** Null for the types of the protocol. */
  readonly effectTypes: EffectTypes | null;
  /** Lifetime of a proof of identity, in virtual milliseconds; 0 for unlimited. */
  readonly proofMs: number;
  /** Probability that a join exceeds the rate limit, and is told to retry later. */
  readonly joinRefusalChance: number;
  /** Checks the messages that the owner sends to a session. */
  readonly told: (message: ServerMessage) => void;
  /** Checks an operation that the owner accepted; `client` is a client id of one person. */
  readonly taken: (client: string, message: SubmitMessage) => void;
}

interface Attached {
  readonly connection: Connection;
  readonly guest: Guest;
  /** Expiry of the session's last proof, in milliseconds since 1970. */
  authorizedUntil: number;
  isInRoom: boolean;
  /** The client of the session's last join: a client id of one person. */
  client: string;
}

export interface SimulatedSnapshot {
  readonly version: number;
  readonly text: string;
  readonly head: OperationIdentity | null;
  readonly historyId: string;
  readonly operation: TextOperation | null;
  /** Null for none. */
  readonly effectState: EffectState | null;
}

export type EditOutcome = { readonly version: number } | { readonly code: EditRejection };
type Edit = Omit<Extract<DocumentInput, { type: 'edit' }>, 'type' | 'ticket'> & {
  readonly clientId: ClientId;
};

/** Shared by backups, which here are copies of the files. */
export const HISTORY_ID = 'history';
/** Time for a refused client to disconnect by itself (sockets.ts). */
const HANG_UP_MS = 1_000;
/** The gateway's retryAfterMs for joins beyond the rate limit (join-queue.ts). */
const RETRY_AFTER_MS = 700;
/** An expired proof of an idle session is noticed at the next periodic check. */
const PROOF_GRACE_MS = 5_000;
/** A snapshot further behind the head than this is replaced (document-runner.ts). */
const SNAPSHOT_BEHIND_MAX = 500;

export class SimulatedServer {
  readonly #options: ServerOptions;
  #isRunning = true;
  #healed = false;
  #isStopping = false;
  #pausedUntil = 0;
  #asleep: (() => void)[] = [];
  #document: SimulatedDocument | null = null;
  #opening: ((document: SimulatedDocument | null) => void)[] | null = null;
  /** Incremented when the process ends. */
  #process = 0;
  readonly #sessions = new Map<number, Attached>();
  readonly #newestSessions = new Map<string, number>();
  /** Sessions whose join is being processed and who have no access: they may receive only messages about themselves. */
  readonly #strangers = new Set<number>();
  readonly #edits = new Map<number, (outcome: EditOutcome) => void>();
  #nextEdit = 1;
  #snapshot: Pick<SimulatedSnapshot, 'version' | 'text' | 'effectState'> | null = null;
  /** Per person, the number of accepted operations since the document was opened, and the time of the first. */
  readonly #taken = new Map<string, { count: number; readonly since: number }>();

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  get isAccepting(): boolean {
    return this.#isRunning && !this.#isStopping;
  }
  get document(): SimulatedDocument | null {
    return this.#document;
  }

  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#isStopping = false;
    this.#options.log.record('server', 'started');
  }

  /** kill -9: the process and everything in its memory is gone. */
  kill(): void {
    if (!this.#isRunning) return;
    this.#options.log.record('server', 'killed');
    this.#options.store.kill();
    // If the whole machine is gone, connections are cut without being closed.
    if (this.#options.random.chance(0.3)) {
      for (const { connection } of this.#sessions.values()) connection.cut();
    }
    this.#end();
  }

  /** SIGTERM: commits accepted operations, writes a checkpoint, moves all clients. */
  stop(): void {
    if (!this.isAccepting) return;
    this.#options.log.record('server', 'stopping');
    this.#isStopping = true;
    if (this.#document === null) this.#end();
    else this.#document.dispatch({ type: 'stop' });
  }

  /** Pauses the process (garbage collection, SIGSTOP): arrivals are queued. */
  pause(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#options.scheduler.now + ms);
  }

  /** No join exceeds the rate limit any more. */
  heal(): void {
    this.#healed = true;
  }

  /** Memory pressure: asks the document to be released. */
  release(): void {
    this.#whenAwake(() => this.#document?.dispatch({ type: 'release' }));
  }

  accept(connection: Connection, guest: Guest): void {
    const session = connection.number;
    const authorizedUntil = this.#newProof();
    this.#sessions.set(session, {
      connection,
      guest,
      authorizedUntil,
      isInRoom: false,
      client: '',
    });
    this.#renewLater(session);
    connection.server = {
      message: (frame) => this.#whenAwake(() => this.#receive(session, frame)),
      closed: () =>
        this.#whenAwake(() => {
          if (!this.#sessions.delete(session)) return;
          this.#options.log.record('server', 'lost', String(session));
          this.#document?.dispatch({ type: 'left', session });
        }),
    };
  }

  /** Notifies the owner that the access list changed; the process may die before. */
  accessChanged(): void {
    const { store, log, random, scheduler } = this.#options;
    const process = this.#process;
    scheduler.after(random.skewed(0, 200), () => {
      if (process !== this.#process) return;
      store.readAccess((access) => {
        if (access === null || this.#document === null) return;
        log.record('server', 'access', String(access.epoch));
        this.#document.dispatch({ type: 'accessChanged', access });
      });
    });
  }

  /**
   * A REST edit with an idempotency key: its client's position is read from the store first, as in document-runner.ts.
   * Not answered if the process dies or is not accepting.
   */
  editOnce(edit: Edit, done: (outcome: EditOutcome) => void): void {
    if (!this.isAccepting || !this.#options.store.isCreated) return;
    this.#open((document) => {
      if (document === null) return;
      const { version } = document.owner;
      const { clientId, userId } = edit;
      const range = {
        afterVersion: version,
        untilVersion: version,
        bytesMax: 0,
        entryVersion: null,
        checksumVersion: null,
      };
      this.#options.store.load({ clientId, userId, ...range }, (loaded) => {
        if (loaded === null) return done({ code: 'storeUnavailable' });
        this.#edit(document, { ...edit, once: { position: loaded.position } }, done);
      });
    });
  }

  /** A REST edit of a document in memory. Not answered if the process dies. */
  edit(edit: Edit, done: (outcome: EditOutcome) => void): void {
    if (this.#document !== null) this.#edit(this.#document, edit, done);
  }

  #edit(document: SimulatedDocument, edit: Edit, done: (outcome: EditOutcome) => void): void {
    const ticket = this.#nextEdit++;
    this.#edits.set(ticket, done);
    const before = document.owner.version + document.owner.undurable;
    document.dispatch({ type: 'edit', ticket, ...edit });
    if (document.owner.version + document.owner.undurable > before) {
      this.#options.store.access.checkWrite(edit.userId);
      this.#checkWriter(edit.userId);
    }
  }

  /** Creates a document that was made offline; idempotent. Null if the server does not answer. */
  create(done: (isCreated: true | null) => void): void {
    if (!this.isAccepting) return done(null);
    this.#options.store.isCreated = true;
    done(true);
  }

  /** Null if the server does not answer, or the store failed and the rename can be retried. */
  rename(
    userId: string,
    rename: Rename,
    done: (named: VersionedTitle | 'refused' | null) => void,
  ): void {
    const { store, titles } = this.#options;
    if (!this.isAccepting) return done(null);
    if (store.access.current.people.get(userId) !== 'editor') return done('refused');
    titles.rename(rename, (named) => {
      if (named === null) return done(null);
      const { renameId } = rename;
      this.#document?.dispatch({ type: 'renamed', ...named, renameId });
      done(titles.losesAnswer() ? null : named);
    });
  }

  /**
   * The HTTP requests for a snapshot and for the operation that leads to it. Null if there is no such snapshot, or the
   * server does not answer.
   */
  snapshot(
    atLeastVersion: number,
    afterVersion: number | null,
    head: Head | null,
    done: (snapshot: SimulatedSnapshot | null) => void,
  ): void {
    const { store, cores, random } = this.#options;
    if (!this.isAccepting || !store.isCreated) return done(null);
    this.#open((document) => {
      if (document === null) return done(null);
      document.dispatch({ type: 'read' });
      const { version, text, effectState = null } = document.owner;
      if (head !== null && !isSame(head, identityIn(store.row(head.version)))) return done(null);
      if (version < atLeastVersion) return done(null);
      const kept = this.#snapshot;
      const isNewEnough =
        kept !== null &&
        kept.version >= atLeastVersion &&
        version - kept.version <= SNAPSHOT_BEHIND_MAX;
      const snapshot = isNewEnough ? kept : { version, text: text.toString(), effectState };
      this.#snapshot = snapshot;
      const isTold = afterVersion !== null && snapshot.version <= store.head && random.chance(0.8);
      const between: TextOperation[] = [];
      for (let each = (afterVersion ?? 0) + 1; isTold && each <= snapshot.version; each++) {
        between.push((JSON.parse(store.row(each) ?? '') as { op: TextOperation }).op);
      }
      const about = { head: identityIn(store.row(snapshot.version)), historyId: HISTORY_ID };
      done({ ...snapshot, ...about, operation: isTold ? cores.composeAll(between) : null });
    });
  }

  #receive(session: number, frame: string): void {
    const attached = this.#sessions.get(session);
    if (attached === undefined) return;
    this.#options.log.frame('server', `<${session}`, frame);
    if (encodedBytes(frame) > this.#options.limits.messageBytes) return this.#cutOff(session);
    const { documentId } = this.#options;
    const { guest, authorizedUntil } = attached;
    const input = parseFrame(frame, session, guest, authorizedUntil, documentId);
    if (input === null) {
      this.#document?.dispatch({ type: 'left', session });
      return this.#refuse(session, 'malformedMessage', false);
    }
    if (input.type === 'submit' || input.type === 'withdraw') return this.#submit(session, input);
    if (input.type !== 'join') return this.#document?.dispatch(input);
    attached.client = `${input.message.clientId} ${input.userId}`;
    if (!this.#healed && this.#options.random.chance(this.#options.joinRefusalChance)) {
      return this.#refuse(session, 'rateLimited', true, RETRY_AFTER_MS);
    }
    if (this.#isStopping) return this.#refuse(session, 'storeUnavailable', true);
    if (!this.#options.store.isCreated) return this.#refuse(session, 'notFound', false);
    this.#open((document) => {
      if (!this.#sessions.has(session)) return;
      if (document === null) return this.#refuse(session, 'storeUnavailable', true);
      if (document.roleOf(input.userId) === null) this.#strangers.add(session);
      document.dispatch(input);
      this.#strangers.delete(session);
    });
  }

  /** An oversized message is not read, and closes the connection (WebSocket close code 1009). */
  #cutOff(session: number): void {
    this.#options.log.record('server', 'cuts off', String(session));
    this.#document?.dispatch({ type: 'left', session });
    this.#close(session);
  }

  /** Late packets of a session with a former epoch must have no effect (docs/protocol.md#epochs). */
  #submit(session: number, input: DocumentInput): void {
    const owner = this.#document?.owner;
    if (owner === undefined) return;
    const before = owner.version + owner.undurable;
    this.#document?.dispatch(input);
    const attached = this.#sessions.get(session);
    if (attached !== undefined && owner.version + owner.undurable > before) {
      const { scheduler, store } = this.#options;
      store.access.checkWrite(attached.guest.userId);
      this.#checkWriter(attached.guest.userId);
      this.#checkRate(attached.guest.userId);
      if (input.type === 'submit') this.#options.taken(attached.client, input.message);
      must(
        WORLD_BEGINS_AT + scheduler.now < attached.authorizedUntil,
        'I7',
        () => `session ${session} was heard after its proof had ended`,
      );
    }
    const newest = this.#newestSessions.get(this.#sessions.get(session)?.client ?? '') ?? session;
    must(
      session >= newest || owner.version + owner.undurable === before,
      'fence',
      () => `session ${session} was heard after session ${newest} had replaced it`,
    );
  }

  #refuse(session: number, code: RefusalCode, retryable: boolean, retryAfterMs?: number): void {
    const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
    this.#send(session, { type: 'refused', body: { code, retryable, ...wait, detail: '' } });
    this.#dismiss(session);
  }

  #open(ready: (document: SimulatedDocument | null) => void): void {
    if (this.#document !== null) return ready(this.#document);
    if (this.#opening !== null) {
      this.#opening.push(ready);
      return;
    }
    this.#opening = [ready];
    const process = this.#process;
    const { store, scheduler } = this.#options;
    store.open((found) => {
      const readAt = scheduler.now;
      this.#whenAwake(() => {
        if (process !== this.#process) return;
        // After a pause the access list is stale until the next check.
        if (scheduler.now > readAt) store.access.readFailed();
        const waiting = this.#opening ?? [];
        this.#opening = null;
        if (found !== null) this.#opened(found);
        for (const each of waiting) each(this.#document);
      });
    });
  }

  #opened({
    checkpoint,
    tail,
    access,
  }: NonNullable<Parameters<Parameters<SimulatedStore['open']>[0]>[0]>) {
    const { cores, scheduler, store, titles, documentId, limits, log, effectTypes } = this.#options;
    log.record('server', 'opened', `${checkpoint?.version ?? 0}+${tail.length}`);
    const owner = new cores.DocumentOwner({
      documentId,
      historyId: HISTORY_ID,
      ...titles.current,
      limits,
      access,
      version: checkpoint?.version ?? 0,
      text: cores.DocumentText.from(checkpoint?.text ?? ''),
      ...(effectTypes === null ? {} : { effectTypes, effectState: this.#stateOf(checkpoint) }),
      tail,
    });
    this.#snapshot = null;
    this.#taken.clear();
    const document: SimulatedDocument = new SimulatedDocument(
      owner,
      access,
      scheduler,
      store,
      titles,
      {
        send: (session, message) => this.#send(session, message),
        broadcast: (message, except) => this.#broadcast(message, except),
        joined: (session) => {
          const attached = this.#sessions.get(session);
          if (attached === undefined) return;
          attached.isInRoom = true;
          this.#newestSessions.set(attached.client, session);
        },
        unjoined: (session) => {
          const attached = this.#sessions.get(session);
          if (attached !== undefined) attached.isInRoom = false;
        },
        dismissed: (session) => this.#dismiss(session),
        edited: (ticket, outcome) => {
          this.#edits.get(ticket)?.(outcome);
          this.#edits.delete(ticket);
        },
        unloaded: () => {
          log.record('server', 'unloaded');
          if (this.#document === document) this.#document = null;
          if (this.#isStopping) this.#end();
        },
      },
    );
    this.#document = document;
    if (this.#isStopping) document.dispatch({ type: 'stop' });
  }

  /** As `open-document.ts` reads it. */
  #stateOf(checkpoint: StoredCheckpoint | null): EffectState | undefined {
    if (checkpoint?.effectState === undefined) return undefined;
    const kept = JSON.parse(checkpoint.effectState) as EffectState;
    return this.#options.effectTypes?.restore(kept) ?? undefined;
  }

  #send(session: number, message: ServerMessage): void {
    this.#options.told(message);
    this.#transmit(session, message.type, JSON.stringify(message));
  }

  #broadcast(message: ServerMessage, except: ReadonlySet<number>): void {
    this.#options.told(message);
    const frame = JSON.stringify(message);
    for (const [session, { isInRoom }] of this.#sessions) {
      if (isInRoom && !except.has(session)) this.#transmit(session, message.type, frame);
    }
  }

  #transmit(session: number, type: ServerMessage['type'], frame: string): void {
    this.#options.log.frame('server', `>${session}`, frame);
    const attached = this.#sessions.get(session);
    must(
      !this.#strangers.has(session) || frame.includes('"code":"notFound"'),
      'I7',
      () => `a join without access was answered by ${frame}`,
    );
    if (attached !== undefined && !isAboutTheSessionAlone(type)) {
      const { userId } = attached.guest;
      this.#options.store.access.checkRead(userId, type);
      must(
        this.#document === null || this.#document.roleOf(userId) !== null,
        'I7',
        () => `${type} was sent to ${userId}, whom the owner knows to have no access`,
      );
      this.#checkProof(session, attached, type);
    }
    attached?.connection.sendToClient(frame);
  }

  /** Access changes that the owner was told apply without delay. */
  #checkWriter(userId: string): void {
    const role = this.#document?.roleOf(userId);
    must(
      role === undefined || role === 'editor' || role === 'owner',
      'I7',
      () => `an operation of ${userId} was taken in, whom the owner knows to be ${role}`,
    );
  }

  /** The rate limit is per person, over all connections, tabs and joins. */
  #checkRate(userId: string): void {
    const { limits, scheduler } = this.#options;
    const taken = this.#taken.get(userId) ?? { count: 0, since: scheduler.now };
    this.#taken.set(userId, taken);
    taken.count += 1;
    const seconds = (scheduler.now - taken.since) / 1_000;
    const allowed = limits.operationsBurst + limits.operationsPerSecond * seconds + 1;
    must(
      taken.count <= allowed,
      'I8',
      () => `${taken.count} operations of ${userId} were taken in within ${seconds} s`,
    );
  }

  #checkProof(session: number, { authorizedUntil }: Attached, type: string): void {
    const passed = WORLD_BEGINS_AT + this.#options.scheduler.now - authorizedUntil;
    must(
      passed <= PROOF_GRACE_MS,
      'I7',
      () => `${type} was sent to session ${session} ${passed} ms after its proof had ended`,
    );
  }

  #newProof(): number {
    const { proofMs, scheduler } = this.#options;
    return proofMs === 0 ? Infinity : WORLD_BEGINS_AT + scheduler.now + proofMs;
  }

  /** Most clients renew in time. */
  #renewLater(session: number): void {
    const { proofMs, scheduler, random } = this.#options;
    if (proofMs === 0 || random.chance(0.3)) return;
    scheduler.after(Math.ceil(proofMs * 0.8), () => {
      const attached = this.#sessions.get(session);
      if (attached === undefined) return;
      attached.authorizedUntil = this.#newProof();
      const { authorizedUntil } = attached;
      this.#document?.dispatch({ type: 'renewed', session, authorizedUntil });
      this.#renewLater(session);
    });
  }

  /** Frames of a refused session are still processed until it disconnects. */
  #dismiss(session: number): void {
    if (!this.#sessions.has(session)) return;
    this.#options.scheduler.after(HANG_UP_MS, () => {
      if (this.#sessions.has(session)) this.#document?.dispatch({ type: 'left', session });
      this.#close(session);
    });
  }

  #close(session: number): void {
    const attached = this.#sessions.get(session);
    this.#sessions.delete(session);
    attached?.connection.closeByServer();
  }

  #end(): void {
    this.#process++;
    this.#options.titles.kill();
    this.#isRunning = false;
    this.#isStopping = false;
    this.#document?.kill();
    this.#document = null;
    this.#opening = null;
    this.#asleep = [];
    this.#edits.clear();
    this.#pausedUntil = 0;
    for (const session of [...this.#sessions.keys()]) this.#close(session);
  }

  /** Runs arrivals in order, after those queued during a pause. */
  #whenAwake(run: () => void): void {
    const { scheduler } = this.#options;
    if (scheduler.now >= this.#pausedUntil && this.#asleep.length === 0) return run();
    if (this.#asleep.push(run) === 1) this.#wakeLater();
  }

  #wakeLater(): void {
    const { scheduler } = this.#options;
    const process = this.#process;
    scheduler.after(this.#pausedUntil - scheduler.now, () => {
      if (process !== this.#process) return;
      if (scheduler.now < this.#pausedUntil) return this.#wakeLater();
      for (const run of this.#asleep.splice(0)) run();
    });
  }
}

/** Size of `{"type":T,"body":B}` as the Socket.IO packet `42[T,B]`, in UTF-8. */
function encodedBytes(frame: string): number {
  const around = '{"type":,"body":}'.length - '42[,]'.length;
  return Buffer.byteLength(frame) - around;
}

/** Messages that reveal nothing about the document. */
function isAboutTheSessionAlone(type: ServerMessage['type']): boolean {
  return type === 'refused' || type === 'rejected' || type === 'role';
}

/** Identity of the operation in a row of the store; null for no row. */
export function identityIn(row: string | undefined): OperationIdentity | null {
  if (row === undefined) return null;
  const { clientId, seq, at } = JSON.parse(row) as OperationIdentity;
  return { clientId, seq, at };
}

function isSame(a: OperationIdentity, b: OperationIdentity | null): boolean {
  return a.clientId === b?.clientId && a.seq === b.seq && a.at === b.at;
}
