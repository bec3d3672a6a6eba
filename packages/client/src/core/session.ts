/**
 * The client's session: a state machine without clock, randomness or I/O (A4). Adapters feed it inputs
 * and carry out its effects; the simulation drives the same code.
 *
 *   offline ──connected──▶ preparing ──epoch written──▶ joining ──joined──▶ live
 *      ▲                       ▲  ▲                        │                 │
 *      │                       │  └──snapshot── resync ────┘                 │
 *      │                       └── gap, no acknowledgement, divergence ──────┤
 *      └───────────────────────────── disconnected ──────────────────────────┘
 *   stopped: the owner refused for good; the text stays.
 *
 * Rules held here: the epoch is durable before the join that uses it; pending → in-flight is durable
 * before it is sent (A8); only what the ordered stream says is acknowledged (A2); nothing is sent unless
 * live; a gap leads to a rejoin, never to a guess.
 */
import { composeAll, noOperation, type DocumentText, type TextOperation } from '@concord/ot';
import {
  ACKNOWLEDGEMENT_TIMEOUT_MS,
  defaultLimits,
  PRESENCE_PER_SECOND,
  PROTOCOL_VERSION,
  type CommittedOperation,
  type JoinedMessage,
  type Limits,
  type OperationIdentity,
  type Person,
  type RejectedMessage,
  type RefusedMessage,
  type ResyncMessage,
  type Role,
  type ServerMessage,
  type TitledMessage,
} from '@concord/protocol';
import { Backoff, STEADY_MS } from './backoff.ts';
import * as buffers from './buffer.ts';
import type { Buffer } from './buffer.ts';
import { CaretTracker, toConfirmed } from './carets.ts';
import { DEVICE_PATIENCE_MS, DevicePatience } from './device-patience.ts';
import { MergeRecord } from './merge.ts';
import { cuttingLimits, fitsLimits } from './outgoing-limits.ts';
import { TitleQueue } from './title.ts';
import { Effects } from './effects.ts';
import { HeldTail } from './held-tail.ts';
import { bufferOf, type Replica } from './replica.ts';
import type {
  ConnectionState,
  FetchedSnapshot,
  Selection,
  SessionEffect,
  SessionInput,
  TimerName,
} from './session-messages.ts';

/**
 * Edits made within this are written to the device together. At most the last 50 ms may be lost with the process
 * (faults.md), the time of the write included.
 */
const SAVE_DELAY_MS = 20;
const SAVE_RETRY_MS = 1_000;
const JOIN_TIMEOUT_MS = 10_000;
const SLOW_SAVING_MS = 1_000;
const SLOW_CONNECTING_MS = 3_000;
const OFFLINE_MS = 10_000;
const PROBE_MS = 1_000;
const MERGED_SHOWN_MS = 6_000;
/** A title is sent when typing pauses. */
const RENAME_PAUSE_MS = 600;
const RENAME_RETRY_MS = 3_000;
/** After a refused epoch: the page before this one may have joined so often without its device. */
const STALE_EPOCH_STEP = 100;

export class ClientSession {
  #state: ConnectionState = 'offline';
  #buffer: Buffer;
  #epoch: number;
  #historyId: string | null;
  /** The operation that produced the confirmed version: see replica.ts. */
  #head: OperationIdentity | null;
  /** The tail of a join that named no such operation, as long as it is not known to be of our history. */
  #heldTail: HeldTail | null = null;
  #opened: boolean;
  #wasLive = false;
  readonly #title: TitleQueue;
  /** Made on this device, and not yet on the server. */
  #isNew: boolean;
  readonly #replica: Replica;

  #limits: Limits = defaultLimits;
  #role: Role | null;
  #people: readonly Person[] = [];
  #peopleTotal = 0;
  #self = -1;
  #userId: string | null = null;
  #sessionOfClient = new Map<string, number>();
  readonly #carets = new CaretTracker();

  readonly #backoff = new Backoff();
  /** Until this version is applied, the tail of the join is still arriving. */
  #catchUpTo = 0;
  #nextTicket = 1;
  /** Strict writes that something waits for. */
  #joinTicket: number | null = null;
  #freezeTicket: number | null = null;
  /** What is in flight was frozen here, and is not on the device for certain: it was never sent. */
  #isFresh = false;
  #inFlightSent = false;
  /** A sign of life is waited for. */
  #isProbing = false;
  #snapshotWanted: 'first' | ResyncMessage | null = null;
  #diverged = false;
  /** The device has a row of this replica: what is sent must be in it, or the row would send it again. */
  #isKept: boolean;
  #unsaved = false;
  readonly #patience = new DevicePatience();
  /** The device does not answer: what is sent may not be on it. */
  #isWithoutDevice = false;
  /**
   * A number that was given back although a row on the device may hold an operation under it: its write was not
   * answered, or not followed by another one. 0 for none.
   */
  #givenBack = 0;
  /** The device answers again; until this is written, its row is one that was overtaken. */
  #catchUpTicket: number | null = null;
  /** Not known yet: whether a page before this one went on without the device. The first join tells. */
  #mayBeOvertaken = true;
  /** The highest decided number, while the tail arrives that tells what becomes of an overtaken row. */
  #overtakenBy: number | null = null;
  #selection: Selection | null = null;
  #presenceTimer = false;
  #presenceDue = false;
  /** The last caret sent stands where own text is not committed yet: near, not exact. */
  #presenceIsNear = false;

  // What the status line is derived from; see status.ts.
  #stopped: { readonly code: string; readonly detail: string } | null = null;
  #savingPaused = false;
  /** The server's words, while it stores nothing more of this person. */
  #quotaExceeded: string | null = null;
  #storageFailed = false;
  #slowSaving = false;
  #waitingForAck = false;
  #slowConnecting = false;
  #offlineShown = false;
  #isNetworkGone = false;
  /** The page was opened with edits that one before it had left. */
  #isReturning = false;
  #syncing = 0;
  #merged = 0;
  readonly #mergeRecord = new MergeRecord();

  readonly #effects = new Effects();

  /** @param replica what the device kept, or a new one with `opened: false`. */
  constructor(replica: Replica) {
    this.#replica = replica;
    this.#buffer = bufferOf(replica);
    this.#epoch = replica.epoch;
    this.#historyId = replica.historyId;
    this.#head = replica.head;
    this.#userId = replica.userId;
    this.#opened = replica.opened;
    this.#isNew = replica.isNew;
    this.#role = replica.role;
    this.#isKept = !replica.isNew && (replica.epoch > 0 || replica.opened);
    this.#isKept ||= replica.pendingEdits > 0;
    this.#title = new TitleQueue(replica);
  }

  get state(): ConnectionState {
    return this.#state;
  }
  get buffer(): Buffer {
    return this.#buffer;
  }
  get opened(): boolean {
    return this.#opened;
  }
  /** As the person sees it. */
  get title(): string {
    return this.#title.visible;
  }
  get isTitleSaved(): boolean {
    return this.#title.isSaved;
  }
  /** Made on this device, and not yet on the server. */
  get isNew(): boolean {
    return this.#isNew;
  }
  /** Whether this session has joined before: until then it is opening, not reconnecting. */
  get wasLive(): boolean {
    return this.#wasLive;
  }
  get role(): Role | null {
    return this.#role;
  }
  get people(): readonly Person[] {
    return this.#people;
  }
  get peopleTotal(): number {
    return this.#peopleTotal;
  }
  /** Own session number; -1 before the first join. */
  get self(): number {
    return this.#self;
  }
  get carets(): ReadonlyMap<number, Selection> {
    return this.#carets.positions;
  }
  get stopped(): { readonly code: string; readonly detail: string } | null {
    return this.#stopped;
  }
  get quotaExceeded(): string | null {
    return this.#quotaExceeded;
  }
  get savingPaused(): boolean {
    return this.#savingPaused;
  }
  get storageFailed(): boolean {
    return this.#storageFailed;
  }
  /** Nothing is sent until the device can write again. */
  get isStorageBlocking(): boolean {
    return this.#storageFailed && this.#freezeTicket !== null;
  }
  /** Edits are sent, and are not kept on the device. */
  get isNotKept(): boolean {
    return this.#isWithoutDevice || this.#catchUpTicket !== null;
  }
  /** The device does not answer; what is sent goes on without it. */
  get isWithoutDevice(): boolean {
    return this.#isWithoutDevice;
  }
  get slowSaving(): boolean {
    return this.#slowSaving;
  }
  get slowConnecting(): boolean {
    return this.#slowConnecting;
  }
  get offlineShown(): boolean {
    return this.#offlineShown;
  }
  /** Edits made while offline that are being sent now; 0 when none. */
  get syncing(): number {
    return this.#syncing;
  }
  /** Edits made while offline that were acknowledged a moment ago; 0 when none. */
  get merged(): number {
    return this.#merged;
  }

  /** What the device should keep. */
  get replica(): Replica {
    const { version, confirmed, inFlight, pending, pendingEdits, nextSeq } = this.#buffer;
    return {
      documentId: this.#replica.documentId,
      clientId: this.#replica.clientId,
      userId: this.#userId,
      epoch: this.#epoch,
      historyId: this.#historyId,
      opened: this.#opened,
      isNew: this.#isNew,
      role: this.#role,
      ...this.#title.kept,
      titleDraft: this.isTitleSaved ? null : this.title,
      version,
      head: this.#head,
      confirmed,
      inFlight,
      pending,
      pendingEdits,
      nextSeq,
    };
  }

  step(input: SessionInput): readonly SessionEffect[] {
    this.#effects.begin();
    if (this.#state !== 'stopped' || input.type === 'edit' || input.type === 'suspend') {
      this.#handle(input);
    } else this.#handleWhenStopped(input);
    this.#followWaiting();
    this.#followDevice();
    return this.#effects.all;
  }

  #handle(input: SessionInput): void {
    switch (input.type) {
      case 'start':
        if (this.#isNew) this.#opened = true;
        this.#isWithoutDevice = input.isWithoutDevice === true;
        // Over a snapshot a row with edits could not be told from one that was overtaken: the join brings all.
        if (!this.#opened && !buffers.hasUnsent(this.#buffer)) {
          this.#snapshotWanted = 'first';
          this.#fetchSnapshot(0, null);
        }
        // A new document is on the device before anybody types into it.
        if (this.#isNew) this.#markUnsaved();
        this.#offlineShown = input.former === 'offline';
        this.#isReturning = input.former === undefined && buffers.unsentEdits(this.#buffer) > 0;
        this.#connect(0, 0);
        this.#watchConnection();
        return;
      case 'connected':
        this.#state = 'preparing';
        return this.#prepareJoin();
      case 'disconnected':
        if (this.#state === 'offline') return this.#reconnectLater();
        this.#goOffline();
        return this.#reconnectLater();
      case 'networkGone':
        // A connection that is there may stay: the server may be on this device.
        this.#isNetworkGone = true;
        if (this.#state !== 'live') this.#offlineShown = true;
        return;
      case 'networkBack':
        this.#isNetworkGone = false;
        if (this.#state !== 'offline') return this.#probe();
        this.#backoff.progressed();
        return this.#connect(0, 0);
      case 'message':
        return this.#handleMessage(input.message);
      case 'edit':
        return this.#edit(input.operation, input.edits ?? 1);
      case 'rename':
        this.#changeTitle(() => this.#title.type(input.title, input.id, input.base));
        return this.#sendTitleLater(RENAME_PAUSE_MS);
      case 'renamed':
        this.#changeTitle(() => this.#title.answered(input.id, input));
        return this.#sendTitleLater(RENAME_PAUSE_MS);
      case 'renameFailed':
        this.#changeTitle(() => this.#title.failed(input.id, input.isFinal));
        return this.#sendTitleLater(RENAME_RETRY_MS);
      case 'created':
        if (!this.#isNew) return;
        this.#isNew = false;
        this.#backoff.progressed();
        this.#markUnsaved();
        return this.#connect(0, 0);
      case 'createFailed':
        if (input.isFinal) return this.#stop(input.code, input.detail);
        // As for an edit: what was typed is kept, and asked for again until there is room.
        if (input.code === 'quotaExceeded') this.#quotaExceeded = input.detail;
        if (input.code === 'savingPaused') this.#savingPaused = true;
        return this.#reconnectLater();
      case 'select':
        this.#selection = input.selection;
        this.#presenceDue = true;
        return this.#sendPresence();
      case 'saved':
      case 'saveFailed':
        return this.#handleSaved(input.ticket, input.type === 'saved');
      case 'storageLost':
        return this.#markUnsaved();
      case 'superseded':
        return this.#stop('superseded', 'Another tab goes on with this document.');
      case 'snapshot':
        return this.#handleSnapshot(input);
      case 'snapshotFailed':
        return this.#handleSnapshotFailed();
      case 'timer':
        return this.#handleTimer(input.name);
      case 'suspend':
        if (this.#unsaved && this.#stopped?.code !== 'superseded') this.#save('relaxed');
        return this.#sendTitle();
      case 'close':
        if (this.#state === 'live') this.#effects.send({ type: 'leave', body: {} });
        this.#save('strict');
        this.#effects.push({ type: 'disconnect' });
        this.#state = 'offline';
        return;
    }
  }

  /** Nothing is sent any more; what is here stays on the device, unless another tab keeps it there. */
  #handleWhenStopped(input: SessionInput): void {
    if (this.#stopped?.code === 'superseded') return;
    const isDue = input.type === 'close' || (input.type === 'timer' && input.name === 'save');
    if (isDue && this.#unsaved) this.#save('strict');
    else if (input.type === 'saveFailed') this.#saveAgainLater();
    else if (input.type === 'storageLost') this.#markUnsaved();
  }

  /**
   * A connection from before the network went away may be dead, which neither end would notice for a quarter of a
   * minute: it shows a sign of life soon, or another one takes its place.
   */
  #probe(): void {
    if (this.#state === 'live') this.#effects.send({ type: 'probe', body: {} });
    this.#isProbing = this.#state === 'live' || this.#state === 'joining';
    if (this.#isProbing) this.#effects.startTimer('probe', PROBE_MS);
  }

  #handleMessage(message: ServerMessage): void {
    if (this.#isProbing) this.#effects.cancelTimer('probe');
    this.#isProbing = false;
    switch (message.type) {
      case 'joined':
        return this.#handleJoined(message.body);
      case 'operations': {
        if (this.#state !== 'live') return;
        const { firstVersion, operations, checksum } = message.body;
        if (this.#heldTail !== null) {
          this.#hold(firstVersion, operations);
          return this.#sendWhatIsDue();
        }
        if (!this.#applyCommitted(firstVersion, operations)) return this.#rejoin();
        const last = firstVersion + operations.length - 1;
        if (checksum !== undefined && last === this.#buffer.version && !this.#matches(checksum)) {
          return;
        }
        return this.#sendWhatIsDue();
      }
      case 'rejected':
        return this.#handleRejected(message.body);
      case 'refused':
        return this.#handleRefused(message.body);
      case 'resync':
        return this.#handleResync(message.body);
      case 'carets':
        if (this.#state !== 'live') return;
        if (this.#carets.receive(message.body.carets, this.#buffer, this.#self)) {
          this.#effects.push({ type: 'caretsChanged' });
        }
        return;
      case 'people':
        if (this.#state === 'live') this.#setPeople(message.body.people, message.body.total);
        return;
      case 'role':
        this.#setRole(message.body.role);
        return this.#sendWhatIsDue();
      case 'moved':
        this.#goOffline();
        this.#effects.push({ type: 'disconnect' });
        return this.#connect(message.body.minDelayMs, message.body.maxDelayMs);
      case 'head':
        // A frame was lost: the owner knows of versions that never arrived (I9).
        if (this.#state === 'live' && message.body.version > this.#buffer.version) this.#rejoin();
        return;
      case 'titled':
        return this.#handleTitled(message.body);
    }
  }

  // --- Connecting -------------------------------------------------------------------------------

  /** Waits for a wanted snapshot, then writes a new epoch; the join follows once that is durable. */
  #prepareJoin(): void {
    this.#state = 'preparing';
    // What waits for the device was not sent: its number may be another's by now, if this tab is no longer the writer.
    if (this.#isFresh) {
      this.#givenBack = this.#buffer.inFlight?.seq ?? 0;
      this.#buffer = buffers.thaw(this.#buffer);
      this.#isFresh = false;
      this.#markUnsaved();
    }
    if (this.#isWithoutDevice) this.#passGivenBack();
    this.#freezeTicket = null;
    this.#isFresh = false;
    this.#heldTail = null;
    this.#overtakenBy = null;
    this.#inFlightSent = false;
    this.#effects.cancelTimer('acknowledgement');
    this.#effects.cancelTimer('join');
    this.#effects.cancelTimer('retry');
    if (this.#snapshotWanted !== null) return;
    this.#epoch += 1;
    const ticket = this.#save('strict');
    if (this.#isWithoutDevice) return this.#join();
    this.#joinTicket = ticket;
  }

  #connect(minDelayMs: number, maxDelayMs: number): void {
    this.#effects.push({ type: this.#isNew ? 'create' : 'connect', minDelayMs, maxDelayMs });
  }

  #join(): void {
    const { documentId, clientId } = this.#replica;
    const { version, confirmed, inFlight, nextSeq } = this.#buffer;
    this.#state = 'joining';
    this.#title.joining();
    this.#effects.startTimer('join', JOIN_TIMEOUT_MS);
    this.#effects.send({
      type: 'join',
      body: {
        docId: documentId,
        clientId,
        epoch: this.#epoch,
        version,
        nextSeq: inFlight?.seq ?? nextSeq,
        protocol: PROTOCOL_VERSION,
        ...(this.#historyId === null ? {} : { historyId: this.#historyId }),
        ...(this.#head === null ? {} : { head: this.#head }),
        ...(this.#diverged ? { diverged: true as const } : {}),
        // What the device kept before version 3 names no operation: its text proves the history (rule 10).
        ...(this.#diverged || (this.#head === null && version > 0)
          ? { checksum: confirmed.checksum }
          : {}),
      },
    });
  }

  #rejoin(): void {
    if (!this.#backoff.mayRejoin()) {
      this.#goOffline();
      this.#effects.push({ type: 'disconnect' });
      return this.#reconnectLater();
    }
    this.#prepareJoin();
    this.#watchConnection();
  }

  #goOffline(): void {
    this.#state = 'offline';
    this.#offlineShown ||= this.#isNetworkGone;
    this.#joinTicket = null;
    this.#heldTail = null;
    this.#overtakenBy = null;
    this.#inFlightSent = false;
    this.#isProbing = false;
    for (const name of ['acknowledgement', 'join', 'retry', 'steady', 'probe'] as const) {
      this.#effects.cancelTimer(name);
    }
    this.#carets.clear();
    this.#effects.push({ type: 'caretsChanged' });
    this.#watchConnection();
  }

  /** @param afterMs not before this, whatever the backoff says */
  #reconnectLater(afterMs = 0): void {
    const { minDelayMs, maxDelayMs } = this.#backoff.next();
    this.#connect(afterMs + minDelayMs, afterMs + maxDelayMs);
  }

  #watchConnection(): void {
    if (this.#slowConnecting || this.#offlineShown) return;
    this.#effects.startTimer('slowConnecting', SLOW_CONNECTING_MS);
    this.#effects.startTimer('offline', OFFLINE_MS);
  }

  #handleJoined(joined: JoinedMessage): void {
    if (this.#state !== 'joining' || joined.epoch !== this.#epoch) return;
    this.#effects.cancelTimer('join');
    const isElsewhere = this.#historyId !== null && this.#historyId !== joined.historyId;
    if (isElsewhere && this.#buffer.version > 0) return this.#stopAtOtherHistory();
    if (this.#userId !== null && this.#userId !== joined.userId) {
      return this.#stop(
        'otherUser',
        'Somebody else is signed in now. What you wrote stays on this device, and is sent when you sign in again.',
      );
    }
    this.#historyId = joined.historyId;
    this.#state = 'live';
    this.#wasLive = true;
    this.#quotaExceeded = null;
    this.#effects.startTimer('steady', STEADY_MS);
    this.#savingPaused = false;
    this.#limits = joined.limits;
    this.#setRole(joined.role);
    this.#self = joined.self;
    this.#userId = joined.userId;
    this.#carets.clear();
    this.#setPeople(joined.people, joined.peopleTotal);
    this.#changeTitle(() => this.#title.joined(joined.title, joined.titleVersion));
    this.#catchUpTo = joined.version;
    this.#effects.cancelTimer('slowConnecting');
    this.#effects.cancelTimer('offline');
    this.#slowConnecting = false;
    const isMerge = this.#mergeRecord.hasBegun || joined.version > this.#buffer.version;
    const isBack = this.#offlineShown || (this.#isReturning && isMerge);
    this.#offlineShown = false;
    this.#isReturning = false;
    if (isBack) {
      this.#syncing = buffers.unsentEdits(this.#buffer);
      if (this.#syncing > 0) this.#mergeRecord.begin(this.#buffer);
    }
    const wasOpened = this.#opened;
    const { confirmed, version } = this.#buffer;
    if (this.#isOvertaken(joined)) {
      this.#overtakenBy = joined.lastSeq;
      this.#heldTail = new HeldTail(confirmed, joined.version - version);
      this.#hold(version + 1, joined.tail);
    } else {
      this.#mayBeOvertaken = false;
      if (!this.#applyCommitted(version + 1, joined.tail)) return this.#rejoin();
    }
    if (this.#state !== 'live') return;
    this.#opened ||= this.#buffer.version >= this.#catchUpTo;
    if (this.#opened !== wasOpened) this.#markUnsaved();
    // A device that lost writes may have used numbers it no longer knows of: never use one twice (I4).
    if (this.#overtakenBy === null && joined.lastSeq >= this.#buffer.nextSeq) {
      this.#buffer = { ...this.#buffer, nextSeq: joined.lastSeq + 1 };
    }
    this.#presenceDue = this.#selection !== null;
    this.#sendTitle();
    this.#sendWhatIsDue();
  }

  /** Applies nothing until all of the tail is there, and what an overtaken row holds is compared with where it leads. */
  #hold(firstVersion: number, operations: readonly CommittedOperation[]): void {
    const tail = this.#heldTail;
    const next = this.#buffer.version + 1 + (tail?.operations.length ?? 0);
    if (tail === null || firstVersion > next) return this.#rejoin();
    const isComplete = tail.add(operations.slice(next - firstVersion));
    if (!isComplete) return;
    this.#heldTail = null;
    if (tail.text === null) return this.#rejoin();
    if (this.#overtakenBy !== null && !this.#isDropped(tail.text, this.#overtakenBy)) return;
    if (!this.#applyCommitted(this.#buffer.version + 1, tail.operations)) this.#rejoin();
  }

  /**
   * A page before this one went on without the device, and was given numbers that the row does not know: what the row
   * holds was sent, under those numbers, in whole or in part, with others' edits in between. It is never sent again.
   */
  #isOvertaken({ lastSeq, tail }: JoinedMessage): boolean {
    const { inFlight, nextSeq, pendingEdits } = this.#buffer;
    if (!this.#mayBeOvertaken || lastSeq < nextSeq) return false;
    if (pendingEdits > 0) return true;
    if (inFlight === null) return false;
    // Its number tells what became of it, if the tail has it.
    const isOwn = tail.some(
      (each) => this.#isOwn(each.clientId, each.author) && each.seq === inFlight.seq,
    );
    return !isOwn;
  }

  /**
   * Drops what an overtaken row holds when the server's text has all of it. Else it is a copy, as after a restored
   * backup: the session stops, the row stays as it is, and its author decides.
   */
  #isDropped(server: DocumentText, lastSeq: number): boolean {
    this.#overtakenBy = null;
    const { visible: copy } = this.#buffer;
    const isDropped = buffers.isContained(this.#buffer, server);
    this.#effects.push({ type: 'overtaken', copy, server, isDropped });
    if (!isDropped) {
      this.#stop(
        'overtaken',
        'This device has changes that may be in the document already. They were not sent again.',
      );
      return false;
    }
    this.#mayBeOvertaken = false;
    this.#syncing = 0;
    this.#mergeRecord.cancel();
    const { buffer, visibleOperation } = buffers.dropUnsent(this.#buffer, lastSeq + 1);
    this.#buffer = buffer;
    this.#decided();
    this.#changed(copy, visibleOperation, 'remote', null, null);
    this.#markUnsaved();
    return true;
  }

  #stopAtOtherHistory(): void {
    this.#stop(
      'otherHistory',
      'The server was restored from a backup, and this text belongs to its former history. Nothing was sent.',
    );
  }

  #handleResync(resync: ResyncMessage): void {
    if (this.#state !== 'joining' || resync.epoch !== this.#epoch) return;
    this.#effects.cancelTimer('join');
    this.#state = 'preparing';
    this.#snapshotWanted = resync;
    const afterVersion = this.#diverged ? null : this.#buffer.version;
    this.#fetchSnapshot(resync.version, afterVersion);
  }

  #fetchSnapshot(atLeastVersion: number, afterVersion: number | null): void {
    const { version } = this.#buffer;
    const head = this.#head === null ? null : { version, ...this.#head };
    this.#effects.push({ type: 'fetchSnapshot', atLeastVersion, afterVersion, head });
  }

  #handleSnapshot(snapshot: FetchedSnapshot): void {
    const { version } = snapshot;
    const wanted = this.#snapshotWanted;
    if (wanted === null) return;
    if (wanted === 'first') {
      this.#snapshotWanted = null;
      if (version > this.#buffer.version) this.#adoptSnapshot(snapshot, false);
    } else {
      if (version < wanted.version) return this.#handleSnapshotFailed();
      this.#snapshotWanted = null;
      if (!this.#isOfOwnHistory(snapshot)) return this.#stopAtOtherHistory();
      const { lastCommittedSeq } = wanted;
      const isOvertaken = this.#mayBeOvertaken && lastCommittedSeq >= this.#buffer.nextSeq;
      if (isOvertaken && buffers.hasUnsent(this.#buffer)) {
        if (!this.#isDropped(snapshot.text, lastCommittedSeq)) return;
      }
      this.#diverged = false;
      const seq = this.#buffer.inFlight?.seq;
      this.#adoptSnapshot(
        snapshot,
        seq !== undefined &&
          seq <= wanted.lastCommittedSeq &&
          wanted.lastCommittedVersion <= version,
      );
    }
    // The rebased operation is written, with the new epoch, before anything is sent again (rule 2).
    if (this.#state === 'preparing') this.#prepareJoin();
  }

  /** A text that names no operation is only proven by the operations that lead from it to the snapshot. */
  #isOfOwnHistory({ operation, text }: FetchedSnapshot): boolean {
    const { version, confirmed } = this.#buffer;
    return version === 0 || this.#head !== null || buffers.leadsTo(confirmed, operation, text);
  }

  #adoptSnapshot(snapshot: FetchedSnapshot, inFlightCommitted: boolean): void {
    const before = this.#buffer.visible;
    const { buffer, visibleOperation, operation } = buffers.adoptSnapshot(
      this.#buffer,
      snapshot,
      inFlightCommitted,
    );
    const isAway = this.#offlineShown || this.#isReturning;
    if (isAway && buffers.unsentEdits(this.#buffer) > 0) this.#mergeRecord.begin(this.#buffer);
    // Then nobody can tell which of it is whose.
    if (inFlightCommitted) this.#mergeRecord.cancel();
    this.#mergeRecord.received(operation);
    this.#buffer = buffer;
    this.#head = snapshot.head;
    this.#historyId ??= snapshot.historyId;
    this.#opened = true;
    this.#changed(before, visibleOperation, 'remote', null, null);
    this.#markUnsaved();
  }

  /** Without a first snapshot the join brings the whole log; a later one is asked for again. */
  #handleSnapshotFailed(): void {
    const wanted = this.#snapshotWanted;
    if (wanted === null) return;
    this.#snapshotWanted = null;
    if (this.#state !== 'preparing') return;
    if (wanted === 'first') return this.#prepareJoin();
    this.#goOffline();
    this.#effects.push({ type: 'disconnect' });
    this.#reconnectLater();
  }

  #handleRefused(refused: RefusedMessage): void {
    if (this.#state === 'offline') return;
    if (refused.code === 'otherHistory' || refused.code === 'ahead') {
      return this.#stopAtOtherHistory();
    }
    if (!refused.retryable) return this.#stop(refused.code, refused.detail);
    if (refused.code === 'staleEpoch') this.#epoch += STALE_EPOCH_STEP;
    if (refused.code === 'storeUnavailable') this.#savingPaused = true;
    this.#goOffline();
    this.#effects.push({ type: 'disconnect' });
    // Not before the server has room again; many wait for the same moment.
    this.#reconnectLater(refused.retryAfterMs);
  }

  #stop(code: string, detail: string): void {
    this.#goOffline();
    for (const name of ['slowConnecting', 'offline'] as const) this.#effects.cancelTimer(name);
    this.#state = 'stopped';
    this.#stopped = { code, detail };
    if (code !== 'superseded') this.#save('strict');
    this.#effects.push({ type: 'disconnect' });
  }

  // --- Operations -------------------------------------------------------------------------------

  #edit(operation: TextOperation, edits: number): void {
    if (operation.length === 0) return;
    const before = this.#buffer.visible;
    this.#buffer = buffers.edit(this.#buffer, operation, edits);
    this.#changed(before, operation, 'local', null, null);
    this.#markUnsaved();
    this.#sendWhatIsDue();
  }

  /** Returns false on a gap, or on an acknowledgement for something not in flight. */
  #applyCommitted(firstVersion: number, operations: readonly CommittedOperation[]): boolean {
    let version = firstVersion;
    for (let place = 0; place < operations.length;) {
      const { clientId, seq, op, author } = operations[place] as CommittedOperation;
      const expected = this.#buffer.version + 1;
      if (version > expected) return false;
      let count = 1;
      if (version === expected) {
        const isOwn = this.#isOwn(clientId, author);
        if (isOwn && seq === this.#buffer.inFlight?.seq) this.#acknowledged();
        else if (op === undefined) return false;
        else {
          const run = this.#flattened(operations, place);
          count = run.length;
          const session = this.#sessionOfClient.get(`${clientId} ${author}`) ?? null;
          if (count === 1) this.#receive(op, version, author, session);
          else this.#receive(composeAll(run), version + count - 1, null, null);
        }
        this.#head = identityOf(operations[place + count - 1] as CommittedOperation);
        this.#markUnsaved();
      }
      version += count;
      place += count;
    }
    if (this.#carets.advanced(this.#buffer)) this.#effects.push({ type: 'caretsChanged' });
    return true;
  }

  /** Somebody else may use our client id, but not our name. */
  #isOwn(clientId: string, author: string): boolean {
    return clientId === this.#replica.clientId && author === this.#userId;
  }

  /**
   * While catching up, others' operations are moved over as one: merging costs about the size of the edits
   * instead of their product. It is exact, for what is committed stays left (protocol.md, rule 2).
   */
  #flattened(operations: readonly CommittedOperation[], from: number): TextOperation[] {
    const run: TextOperation[] = [];
    const isCatchingUp = this.#buffer.version < this.#catchUpTo;
    for (let place = from; place < operations.length; place++) {
      const { op, clientId, author } = operations[place] as CommittedOperation;
      const isNext = place === from || (isCatchingUp && !this.#isOwn(clientId, author));
      if (op === undefined || !isNext) break;
      run.push(op);
    }
    return run;
  }

  #receive(
    operation: TextOperation,
    version: number,
    author: string | null,
    session: number | null,
  ): void {
    const before = this.#buffer.visible;
    const { buffer, visibleOperation } = buffers.receive(this.#buffer, operation, version);
    this.#buffer = buffer;
    this.#mergeRecord.received(operation);
    this.#changed(before, visibleOperation, 'remote', author, session);
  }

  #acknowledged(): void {
    this.#buffer = buffers.acknowledge(this.#buffer);
    this.#backoff.progressed();
    // While catching up, this was sent before the person was away.
    if (this.#buffer.version < this.#catchUpTo) this.#mergeRecord.restart(this.#buffer);
    else this.#mergeRecord.acknowledged();
    if (this.#presenceIsNear) this.#presenceDue = true;
    this.#decided();
  }

  /** Nothing is in flight any more. */
  #decided(): void {
    this.#slowSaving = false;
    if (this.#waitingForAck) this.#effects.startTimer('slowSaving', SLOW_SAVING_MS);
    this.#freezeTicket = null;
    this.#isFresh = false;
    this.#inFlightSent = false;
    this.#quotaExceeded = null;
    this.#savingPaused = false;
    this.#effects.cancelTimer('acknowledgement');
    this.#effects.cancelTimer('retry');
  }

  /** Sends what is in flight, or freezes what is pending. */
  #sendWhatIsDue(): void {
    if (this.#state !== 'live' || this.#buffer.version < this.#catchUpTo) return;
    this.#opened = true;
    if (this.#presenceDue) this.#sendPresence();
    if (this.#role === 'viewer' || this.#role === 'commenter') return;
    if (this.#buffer.inFlight === null) {
      if (this.#buffer.pending.length === 0) {
        // Edits that cancelled each other out need no operation.
        if (this.#buffer.pendingEdits > 0) this.#buffer = { ...this.#buffer, pendingEdits: 0 };
        return;
      }
      this.#buffer = buffers.freeze(this.#buffer, cuttingLimits(this.#limits));
      if (this.#isWithoutDevice) {
        this.#save('strict');
        return this.#submit();
      }
      this.#freezeTicket = this.#save('strict');
      this.#isFresh = true;
      return;
    }
    if (!this.#inFlightSent && this.#freezeTicket === null) this.#submit();
  }

  #submit(): void {
    const { inFlight, version } = this.#buffer;
    if (inFlight === null) return;
    this.#inFlightSent = true;
    this.#isFresh = false;
    this.#effects.startTimer('acknowledgement', ACKNOWLEDGEMENT_TIMEOUT_MS);
    const body = { seq: inFlight.seq, baseVersion: version, op: inFlight.op };
    // Moving it over others' operations may have made it too large; only a decided number may be cut anew (rule 18).
    if (fitsLimits(body, this.#limits)) this.#effects.send({ type: 'submit', body });
    else this.#effects.send({ type: 'withdraw', body: { seq: inFlight.seq } });
  }

  #handleRejected(rejected: RejectedMessage): void {
    if (this.#state !== 'live' || rejected.seq !== this.#buffer.inFlight?.seq) return;
    this.#effects.cancelTimer('acknowledgement');
    // What became of a number that is used up, or is too early, is in the log: look there.
    if (rejected.code === 'futureSequence' || rejected.code === 'staleSequence') {
      return this.#rejoin();
    }
    if (rejected.retryable) {
      this.#inFlightSent = true; // not again before the timer
      if (rejected.code === 'storeUnavailable') this.#savingPaused = true;
      if (rejected.code === 'quotaExceeded') this.#quotaExceeded = rejected.detail;
      if (rejected.code === 'readOnly') this.#setRole('viewer');
      this.#effects.startTimer('retry', rejected.retryAfterMs ?? 1_000);
      return;
    }
    if (rejected.code === 'withdrawn') {
      this.#buffer = buffers.unfreeze(this.#buffer);
      this.#decided();
      this.#markUnsaved();
      return this.#sendWhatIsDue();
    }
    const before = this.#buffer.visible;
    const { buffer, visibleOperation, lostText } = buffers.dropInFlight(this.#buffer);
    this.#buffer = buffer;
    this.#decided();
    this.#changed(before, visibleOperation, 'remote', null, null);
    this.#effects.push({
      type: 'editRefused',
      code: rejected.code,
      detail: rejected.detail,
      lostText,
    });
    this.#markUnsaved();
    this.#sendWhatIsDue();
  }

  /** Divergence alarm (rule 5): keep the local text, ask for a snapshot. */
  #matches(checksum: number): boolean {
    if (this.#buffer.confirmed.checksum === checksum) return true;
    this.#diverged = true;
    this.#effects.push({ type: 'diverged' });
    this.#rejoin();
    return false;
  }

  #changed(
    before: DocumentText,
    operation: TextOperation,
    origin: 'local' | 'remote',
    author: string | null,
    authorSession: number | null,
  ): void {
    if (operation === noOperation || operation.length === 0) return;
    this.#carets.applied(operation, authorSession);
    if (this.#selection !== null && origin === 'remote') this.#presenceDue = true;
    const after = this.#buffer.visible;
    this.#effects.push({ type: 'changed', before, after, operation, origin, author });
  }

  // --- Device -----------------------------------------------------------------------------------

  #markUnsaved(): void {
    if (this.#unsaved) return;
    this.#unsaved = true;
    this.#effects.startTimer('save', SAVE_DELAY_MS);
  }

  /** What could not be written is tried again by itself, also when nobody types any more. */
  #saveAgainLater(): void {
    this.#unsaved = true;
    this.#effects.startTimer('save', SAVE_RETRY_MS);
  }

  #save(durability: 'strict' | 'relaxed'): number {
    if (this.#unsaved) this.#effects.cancelTimer('save');
    this.#unsaved = false;
    const ticket = this.#nextTicket++;
    this.#effects.push({ type: 'save', replica: this.replica, durability, ticket });
    return ticket;
  }

  /** Something waits for the device, or does no more. */
  #followDevice(): void {
    const isAwaited = this.#joinTicket !== null || this.#freezeTicket !== null;
    if (this.#patience.follow(isAwaited)) this.#effects.startTimer('device', DEVICE_PATIENCE_MS);
  }

  /**
   * The device has had its time: this goes on in memory, under the same client id, epochs and numbers. From here on
   * the row on the device is one that was overtaken, until it is written again.
   */
  #goOnWithoutDevice(): void {
    this.#isWithoutDevice = true;
    this.#freezeTicket = null;
    this.#passGivenBack();
    if (this.#joinTicket === null) return this.#sendWhatIsDue();
    this.#joinTicket = null;
    if (this.#state === 'preparing') this.#join();
  }

  /** A number never stands for two operations: what the device may hold under it is not what would be sent now. */
  #passGivenBack(): void {
    if (this.#givenBack === 0) return;
    if (this.#isFresh) this.#buffer = buffers.thaw(this.#buffer);
    this.#isFresh = false;
    const { nextSeq } = this.#buffer;
    this.#buffer = { ...this.#buffer, nextSeq: Math.max(nextSeq, this.#givenBack + 1) };
    this.#givenBack = 0;
    // The owner learns by a join which number comes next (rule 3).
    if (this.#state === 'live') this.#prepareJoin();
  }

  /** Whatever the answer is to: the device answers again, and is waited for again, once it has everything. */
  #followAnswer(ticket: number, succeeded: boolean): void {
    const isCatchUp = ticket === this.#catchUpTicket;
    if (isCatchUp) this.#catchUpTicket = null;
    if (isCatchUp && !succeeded) this.#isWithoutDevice = true;
    if (!succeeded || !this.#isWithoutDevice) return;
    this.#isWithoutDevice = false;
    this.#catchUpTicket = this.#save('strict');
  }

  /**
   * A device that never could write does not keep the person from working. One that could, and fails now, is waited
   * for as long as its patience lasts: its row does not have what was sent since (I4). The status says so.
   */
  #handleSaved(ticket: number, succeeded: boolean): void {
    this.#storageFailed = !succeeded;
    if (succeeded) this.#isKept = true;
    this.#followAnswer(ticket, succeeded);
    const isWaitedFor = ticket === this.#freezeTicket && this.#isKept && !succeeded;
    if (isWaitedFor) this.#effects.startTimer('freeze', SAVE_RETRY_MS);
    else if (!succeeded) this.#saveAgainLater();
    if (ticket === this.#freezeTicket && !isWaitedFor) {
      this.#freezeTicket = null;
      this.#isFresh = false;
      this.#sendWhatIsDue();
    }
    if (ticket === this.#joinTicket) {
      this.#joinTicket = null;
      if (succeeded) this.#givenBack = 0;
      // What was in flight already may be on the device no more certainly than this: it waits for a write, others
      // are read meanwhile.
      if (this.#isKept && !succeeded && this.#buffer.inFlight !== null) {
        this.#freezeTicket = ticket;
        this.#effects.startTimer('freeze', SAVE_RETRY_MS);
      }
      if (this.#state === 'preparing') this.#join();
    }
  }

  // --- People -----------------------------------------------------------------------------------

  #setPeople(people: readonly Person[], total: number): void {
    this.#people = people;
    this.#peopleTotal = total;
    this.#sessionOfClient = new Map(
      people.map(({ clientId, userId, session }) => [`${clientId} ${userId}`, session]),
    );
    this.#carets.keepOnly(new Set(people.map((person) => person.session)));
    this.#effects.push({ type: 'peopleChanged' });
    this.#effects.push({ type: 'caretsChanged' });
  }

  #setRole(role: Role): void {
    if (role === this.#role) return;
    this.#role = role;
    this.#markUnsaved();
    this.#effects.push({ type: 'roleChanged' });
  }

  // --- Title ------------------------------------------------------------------------------------

  /** Something may have become of the title: shows and keeps it. */
  #changeTitle(change: () => void): void {
    const { title, isTitleSaved } = this;
    const { kept } = this.#title;
    change();
    if (kept !== this.#title.kept) this.#markUnsaved();
    if (title !== this.title || isTitleSaved !== this.isTitleSaved) {
      this.#effects.push({ type: 'titleChanged' });
    }
  }

  #handleTitled({ title, titleVersion, renameId }: TitledMessage): void {
    this.#changeTitle(() => this.#title.told(title, titleVersion, renameId));
    if (renameId !== undefined) this.#sendTitleLater(RENAME_PAUSE_MS);
  }

  #sendTitleLater(ms: number): void {
    if (!this.isTitleSaved) this.#effects.startTimer('rename', ms);
  }

  /** One at a time; what is typed meanwhile is sent after the answer. */
  #sendTitle(): void {
    if (this.#state !== 'live') return;
    const rename = this.#title.next();
    if (rename === null) return;
    this.#effects.cancelTimer('rename');
    this.#effects.push({ type: 'rename', rename });
  }

  #sendPresence(): void {
    if (this.#state !== 'live' || this.#selection === null || this.#presenceTimer) return;
    this.#presenceDue = false;
    this.#presenceIsNear = buffers.unsentEdits(this.#buffer) > 0;
    this.#presenceTimer = true;
    this.#effects.startTimer('presence', Math.ceil(1_000 / PRESENCE_PER_SECOND));
    this.#effects.send({
      type: 'presence',
      body: {
        version: this.#buffer.version,
        anchor: toConfirmed(this.#selection.anchor, this.#buffer),
        head: toConfirmed(this.#selection.head, this.#buffer),
      },
    });
  }

  // --- Time -------------------------------------------------------------------------------------

  #handleTimer(name: TimerName): void {
    switch (name) {
      case 'save':
        if (this.#unsaved) this.#save('relaxed');
        return;
      case 'freeze':
        if (this.#freezeTicket !== null) this.#freezeTicket = this.#save('strict');
        return;
      case 'device':
        if (this.#patience.timeIsUp()) this.#goOnWithoutDevice();
        return;
      case 'acknowledgement':
        if (this.#state === 'live') this.#rejoin();
        return;
      case 'join':
        if (this.#state !== 'joining') return;
        this.#goOffline();
        this.#effects.push({ type: 'disconnect' });
        return this.#reconnectLater();
      case 'retry':
        this.#inFlightSent = false;
        return this.#sendWhatIsDue();
      case 'probe':
        if (!this.#isProbing) return;
        this.#goOffline();
        this.#effects.push({ type: 'disconnect' });
        return this.#connect(0, 0);
      case 'steady':
        return this.#backoff.progressed();
      case 'presence':
        this.#presenceTimer = false;
        if (this.#presenceDue) this.#sendPresence();
        return;
      case 'rename':
        return this.#sendTitle();
      case 'slowSaving':
        this.#slowSaving = true;
        return;
      case 'slowConnecting':
        this.#slowConnecting = true;
        return;
      case 'offline':
        this.#offlineShown = true;
        return;
      case 'merged':
        this.#merged = 0;
        return;
    }
  }

  /** Follows whether something waits for its acknowledgement, for the status line. */
  #followWaiting(): void {
    const waiting = buffers.unsentEdits(this.#buffer) > 0;
    if (waiting === this.#waitingForAck) return;
    this.#waitingForAck = waiting;
    if (waiting) return this.#effects.startTimer('slowSaving', SLOW_SAVING_MS);
    this.#effects.cancelTimer('slowSaving');
    this.#slowSaving = false;
    const merge = this.#mergeRecord.end(this.#syncing);
    if (this.#syncing === 0) return;
    this.#merged = this.#syncing;
    this.#syncing = 0;
    this.#effects.startTimer('merged', MERGED_SHOWN_MS);
    if (merge !== null) this.#effects.push({ type: 'merged', merge });
  }
}

const identityOf = ({ clientId, seq, at }: CommittedOperation): OperationIdentity => ({
  clientId,
  seq,
  at,
});
