/**
 * The client's session: a state machine without clock, randomness or I/O. Adapters feed it inputs and carry out its
 * effects; the simulation drives the same code. This file takes each input to the part that it is for:
 *
 *   operations.ts      the hot path: edit → pending → in flight → submit → acknowledged or transformed
 *   joining.ts         the states of the connection, from one join to the next
 *   catch-up.ts        tails, snapshots, overtaken rows: how a join leads to the server's text
 *   device-writes.ts   what is written to the device, and what waits for it
 *   link.ts, presence.ts, title-sync.ts, offline-merge.ts, status-signals.ts   what each is named after
 */
import type { EffectState, EffectTypes } from '@concord/ot';
import { effectTypes, type Person, type Role, type ServerMessage } from '@concord/protocol';
import { unsentEdits, visibleState, type Buffer } from './buffer.ts';
import { CatchUp } from './catch-up.ts';
import { Joining } from './joining.ts';
import type { Stopped } from './link.ts';
import { Operations } from './operations.ts';
import { keptEffects, type Replica } from './replica.ts';
import type {
  ConnectionState,
  Selection,
  SessionEffect,
  SessionInput,
  TimerName,
} from './session-messages.ts';
import { sessionParts, type SessionParts } from './session-parts.ts';

export class ClientSession {
  readonly #initial: Replica;
  readonly #parts: SessionParts;
  readonly #operations: Operations;
  readonly #catchUp: CatchUp;
  readonly #joining: Joining;

  /**
   * @param replica what the device kept, or a new one with `opened: false`.
   * @param types of effects that the program knows
   */
  constructor(replica: Replica, types: EffectTypes = effectTypes) {
    this.#initial = replica;
    this.#parts = sessionParts(replica, () => this.replica);
    this.#operations = new Operations(this.#parts, replica, types);
    this.#catchUp = new CatchUp(this.#parts, this.#operations, replica);
    this.#joining = new Joining(this.#parts, this.#operations, this.#catchUp, replica);
  }

  get state(): ConnectionState {
    return this.#parts.link.state;
  }
  get buffer(): Buffer {
    return this.#operations.buffer;
  }
  get opened(): boolean {
    return this.#operations.opened;
  }
  /** As the person sees it. */
  get title(): string {
    return this.#parts.title.visible;
  }
  get isTitleKnown(): boolean {
    return this.#parts.title.isKnown;
  }
  get isTitleSaved(): boolean {
    return this.#parts.title.isSaved;
  }
  /** Made on this device, and not yet on the server. */
  get isNew(): boolean {
    return this.#parts.link.isNew;
  }
  /** Whether this session has joined before: until then it is opening, not reconnecting. */
  get wasLive(): boolean {
    return this.#parts.link.wasLive;
  }
  get role(): Role | null {
    return this.#operations.role;
  }
  get people(): readonly Person[] {
    return this.#parts.presence.people;
  }
  get peopleTotal(): number {
    return this.#parts.presence.peopleTotal;
  }
  /** Own session number; -1 before the first join. */
  get self(): number {
    return this.#parts.presence.self;
  }
  get carets(): ReadonlyMap<number, Selection> {
    return this.#parts.presence.carets;
  }
  get stopped(): Stopped | null {
    return this.#parts.link.stopped;
  }
  get quotaExceeded(): string | null {
    return this.#parts.signals.quotaExceeded;
  }
  get savingPaused(): boolean {
    return this.#parts.signals.savingPaused;
  }
  get storageFailed(): boolean {
    return this.#parts.device.storageFailed;
  }
  /** Nothing is sent until the device can write again. */
  get isStorageBlocking(): boolean {
    return this.#parts.device.storageFailed && this.#parts.device.isAwaitingFreeze;
  }
  /** Edits are sent, and are not kept on the device. */
  get isNotKept(): boolean {
    return this.#parts.device.isNotKept;
  }
  /** The device does not answer; what is sent goes on without it. */
  get isWithoutDevice(): boolean {
    return this.#parts.device.isWithoutDevice;
  }
  get slowSaving(): boolean {
    return this.#parts.signals.slowSaving;
  }
  get slowConnecting(): boolean {
    return this.#parts.signals.slowConnecting;
  }
  get offlineShown(): boolean {
    return this.#parts.signals.offlineShown;
  }
  /** Edits made while offline that are being sent now; 0 when none. */
  get syncing(): number {
    return this.#parts.merge.syncing;
  }
  /** Edits made while offline that were acknowledged a moment ago; 0 when none. */
  get merged(): number {
    return this.#parts.merge.merged;
  }

  /** What effects have led to, the own ones that are not acknowledged included; null when that is not known. */
  get effectState(): EffectState | null {
    return visibleState(this.buffer);
  }

  /** What the device should keep. */
  get replica(): Replica {
    const { version, confirmed, inFlight, pending, pendingEdits, nextSeq } = this.buffer;
    return {
      documentId: this.#initial.documentId,
      clientId: this.#initial.clientId,
      userId: this.#operations.userId,
      epoch: this.#joining.epoch,
      historyId: this.#catchUp.historyId,
      opened: this.opened,
      isNew: this.isNew,
      role: this.role,
      ...this.#parts.title.kept,
      titleDraft: this.isTitleSaved ? null : this.title,
      version,
      head: this.#operations.head,
      confirmed,
      inFlight,
      pending,
      pendingEdits,
      nextSeq,
      ...keptEffects(this.buffer.effects),
    };
  }

  /** Takes one input in. Returns its effects, to be carried out in their order. */
  step(input: SessionInput): readonly SessionEffect[] {
    const { effects, signals, merge, device } = this.#parts;
    effects.begin();
    if (this.state !== 'stopped' || input.type === 'edit' || input.type === 'suspend') {
      this.#handle(input);
    } else this.#handleWhenStopped(input);
    const isAllAcknowledged = signals.follow(unsentEdits(this.buffer) > 0);
    if (isAllAcknowledged) merge.ended();
    device.followPatience();
    return effects.all;
  }

  #handle(input: SessionInput): void {
    const { effects, link, device, signals, presence, title } = this.#parts;
    switch (input.type) {
      case 'start':
        return this.#start(input);
      case 'connected':
        return this.#joining.prepareJoin();
      case 'disconnected':
        return this.#joining.disconnected();
      case 'networkGone':
        return signals.networkGone(link.isLive);
      case 'networkBack':
        signals.networkBack();
        if (link.state !== 'offline') return link.probe();
        link.progressed();
        return link.connect(0, 0);
      case 'message':
        return this.#handleMessage(input.message);
      case 'edit':
        return this.#operations.edit(input.operation, input.edits ?? 1, input.effects);
      case 'rename':
        return title.type(input.title, input.id, input.base);
      case 'renamed':
        return title.answered(input.id, input);
      case 'renameFailed':
        return title.failed(input.id, input.isFinal);
      case 'created':
        if (!link.isNew) return;
        link.created();
        device.markUnsaved();
        return link.connect(0, 0);
      case 'createFailed':
        if (input.isFinal) return this.#joining.stop(input.code, input.detail);
        // As for an edit: what was typed is kept, and tried again until there is room.
        if (input.code === 'quotaExceeded') signals.exceedQuota(input.detail);
        if (input.code === 'savingPaused') signals.pauseSaving();
        return link.reconnectLater();
      case 'select':
        return presence.select(input.selection, this.buffer);
      case 'saved':
      case 'saveFailed':
        return this.#joining.deviceAnswered(input.ticket, input.type === 'saved');
      case 'storageLost':
        return device.markUnsaved();
      case 'superseded':
        return this.#joining.stop('superseded', 'Another tab goes on with this document.');
      case 'snapshot':
        return this.#joining.snapshot(input);
      case 'snapshotFailed':
        return this.#joining.snapshotFailed();
      case 'timer':
        return this.#handleTimer(input.name);
      case 'suspend':
        if (link.stopped?.code !== 'superseded') device.saveIfUnsaved('relaxed');
        return title.send();
      case 'close':
        if (link.isLive) effects.send({ type: 'leave', body: {} });
        device.save('strict');
        return link.close();
    }
  }

  #start({ former, isWithoutDevice }: Extract<SessionInput, { readonly type: 'start' }>): void {
    const { link, device, signals, merge } = this.#parts;
    this.#operations.start(this.isNew);
    device.start(isWithoutDevice === true);
    this.#catchUp.start();
    // A new document is on the device before anybody types into it.
    if (this.isNew) device.markUnsaved();
    signals.start(former === 'offline');
    merge.start(former === undefined && unsentEdits(this.buffer) > 0);
    link.connect(0, 0);
    signals.watchConnection();
  }

  /** Nothing is sent any more; what is here stays on the device, unless another tab keeps it there. */
  #handleWhenStopped(input: SessionInput): void {
    const { link, device } = this.#parts;
    if (link.stopped?.code === 'superseded') return;
    const isClosed = input.type === 'close';
    if (isClosed || (input.type === 'timer' && input.name === 'save')) {
      device.saveIfUnsaved('strict');
    } else if (input.type === 'saveFailed') device.saveAgainLater();
    else if (input.type === 'storageLost') device.markUnsaved();
  }

  #handleMessage(message: ServerMessage): void {
    const { link, presence, title } = this.#parts;
    link.heard();
    switch (message.type) {
      case 'joined':
        return this.#joining.joined(message.body);
      case 'operations':
        return this.#joining.operations(message.body);
      case 'rejected':
        return this.#joining.rejected(message.body);
      case 'refused':
        return this.#joining.refused(message.body);
      case 'resync':
        return this.#joining.resync(message.body);
      case 'carets':
        if (link.isLive) presence.receive(message.body.carets, this.buffer);
        return;
      case 'people':
        if (link.isLive) presence.setPeople(message.body.people, message.body.total);
        return;
      case 'role':
        this.#operations.setRole(message.body.role);
        return this.#operations.sendWhatIsDue();
      case 'moved':
        return this.#joining.reconnect(message.body.minDelayMs, message.body.maxDelayMs);
      case 'head':
        return this.#joining.head(message.body.version);
      case 'titled':
        return title.told(message.body);
    }
  }

  #handleTimer(name: TimerName): void {
    const { link, device, signals, presence, title, merge } = this.#parts;
    switch (name) {
      case 'save':
        return device.saveIfUnsaved('relaxed');
      case 'freeze':
        return device.retryFreeze();
      case 'device':
        if (device.givesUpWaiting()) this.#joining.goOnWithoutDevice();
        return;
      case 'acknowledgement':
        if (link.isLive) this.#joining.rejoin();
        return;
      case 'join':
        if (link.state === 'joining') this.#joining.reconnectLater();
        return;
      case 'retry':
        return this.#operations.submitAgain();
      case 'probe':
        if (link.isProbing) this.#joining.reconnect();
        return;
      case 'steady':
        return link.progressed();
      case 'presence':
        return presence.timedOut(this.buffer);
      case 'rename':
        return title.send();
      case 'slowSaving':
      case 'slowConnecting':
      case 'offline':
        return signals.timedOut(name);
      case 'merged':
        return merge.timedOut();
    }
  }
}
