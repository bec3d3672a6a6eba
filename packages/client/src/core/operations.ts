/**
 * The hot path of a client, in the order of an edit's life:
 *
 *   edit ──▶ pending ──freeze──▶ in flight, written to the device ──submit──▶ committed: acknowledged
 *                ▲                    │                                       rejected: its inverse, or tried again
 *                └──── unfreeze ──────┘                                       another's: transformed over both
 *
 * Held here: nothing is composed into what is in flight; it is on the device before it is sent; only what the
 * ordered stream says is acknowledged; a number never stands for two operations (I4). buffer.ts is the arithmetic.
 */
import {
  composeAll,
  noEffects,
  noOperation,
  type Change,
  type DocumentText,
  type Effect,
  type EffectTypes,
  type TextOperation,
} from '@concord/ot';
import {
  ACKNOWLEDGEMENT_TIMEOUT_MS,
  defaultLimits,
  type ClientId,
  type CommittedOperation,
  type JoinedMessage,
  type Limits,
  type OperationIdentity,
  type RejectedMessage,
  type Role,
} from '@concord/protocol';
import * as buffers from './buffer.ts';
import type { Buffer } from './buffer.ts';
import { requireSmall } from './buffer-effects.ts';
import { identityOf, runOfOthers } from './committed-run.ts';
import { mayWrite } from './may-write.ts';
import { cuttingLimits, fitsLimits } from './outgoing-limits.ts';
import { bufferOf, type Replica } from './replica.ts';
import type { FetchedSnapshot } from './session-messages.ts';
import type { SessionParts } from './session-parts.ts';

export class Operations {
  readonly #parts: SessionParts;
  readonly #clientId: ClientId;
  #userId: string | null;
  #role: Role | null;
  #limits: Limits = defaultLimits;
  /** The text was received once, or begun on this device. */
  #opened: boolean;

  #buffer: Buffer;
  /** The operation that produced the confirmed version: see replica.ts. */
  #head: OperationIdentity | null;
  /** Until this version is applied, the tail of the join is still arriving. */
  #catchUpTo = 0;
  #inFlightSent = false;
  /** What is in flight was frozen here, and is not on the device for certain: it was never sent. */
  #isFresh = false;
  /**
   * A number that was given back although a row on the device may hold an operation under it: its write was not
   * answered, or not followed by another one. 0 for none.
   */
  #givenBack = 0;

  constructor(parts: SessionParts, replica: Replica, types: EffectTypes) {
    this.#parts = parts;
    this.#clientId = replica.clientId;
    this.#userId = replica.userId;
    this.#role = replica.role;
    this.#opened = replica.opened;
    this.#buffer = bufferOf(replica, types);
    this.#head = replica.head;
  }

  get buffer(): Buffer {
    return this.#buffer;
  }
  get head(): OperationIdentity | null {
    return this.#head;
  }
  get opened(): boolean {
    return this.#opened;
  }
  get role(): Role | null {
    return this.#role;
  }
  get userId(): string | null {
    return this.#userId;
  }

  /** The page is opened. A document begun on this device is there already. */
  start(isNew: boolean): void {
    if (isNew) this.#opened = true;
  }

  // --- Edit → pending → in flight → submit ------------------------------------------------------

  /**
   * A local edit: composed into what is pending, whatever the state of the connection. Throws RangeError for an effect
   * that is too large.
   */
  edit(operation: TextOperation, edits: number, effects: readonly Effect[] = noEffects): void {
    if (operation.length === 0 && effects.length === 0) return;
    for (const effect of effects) requireSmall(effect);
    const before = this.#buffer.visible;
    this.#buffer = buffers.edit(this.#buffer, operation, edits, effects);
    this.#changed(before, operation, 'local', null, null);
    this.#parts.device.markUnsaved();
    this.sendWhatIsDue();
  }

  /** Sends what is in flight, or freezes what is pending. Called after everything that may allow it. */
  sendWhatIsDue(): void {
    if (!this.#parts.link.isLive || this.#buffer.version < this.#catchUpTo) return;
    this.#opened = true;
    this.#parts.presence.sendIfDue(this.#buffer);
    if (!mayWrite(this.#role)) return;
    if (this.#buffer.inFlight === null) return this.#freeze();
    if (!this.#inFlightSent && !this.#parts.device.isAwaitingFreeze) this.#submit();
  }

  #freeze(): void {
    if (!buffers.hasPending(this.#buffer)) {
      // Edits that cancelled each other out need no operation.
      if (this.#buffer.pendingEdits > 0) this.#buffer = { ...this.#buffer, pendingEdits: 0 };
      return;
    }
    this.#buffer = buffers.freeze(this.#buffer, cuttingLimits(this.#limits));
    if (this.#parts.device.saveFrozen()) return this.#submit();
    this.#isFresh = true;
  }

  /** The device has what is in flight, or is not waited for any more. */
  frozenIsWritten(): void {
    this.#isFresh = false;
    this.sendWhatIsDue();
  }

  #submit(): void {
    const { inFlight, version } = this.#buffer;
    if (inFlight === null) return;
    const { effects } = this.#parts;
    this.#inFlightSent = true;
    this.#isFresh = false;
    effects.startTimer('acknowledgement', ACKNOWLEDGEMENT_TIMEOUT_MS);
    const { seq, op, effects: carried } = inFlight;
    const plain = { seq, baseVersion: version, op };
    const body = carried === undefined ? plain : { ...plain, effects: carried };
    // Transforming may have made it too large. Only a decided number may be cut anew (docs/protocol.md, Withdrawing).
    if (fitsLimits(body, this.#limits)) effects.send({ type: 'submit', body });
    else effects.send({ type: 'withdraw', body: { seq } });
  }

  /** The pause after a retryable rejection is over. */
  submitAgain(): void {
    this.#inFlightSent = false;
    this.sendWhatIsDue();
  }

  // --- Committed: acknowledged, or transformed --------------------------------------------------

  /** Returns false on a gap, or on an acknowledgement for something not in flight. */
  applyCommitted(firstVersion: number, operations: readonly CommittedOperation[]): boolean {
    let version = firstVersion;
    for (let place = 0; place < operations.length;) {
      const committed = operations[place] as CommittedOperation;
      const { clientId, seq, op, author } = committed;
      const expected = this.#buffer.version + 1;
      if (version > expected) return false;
      let count = 1;
      if (version === expected) {
        const isOwn = this.isOwn(clientId, author);
        if (isOwn && seq === this.#buffer.inFlight?.seq) this.#acknowledged(committed);
        else if (op === undefined) return false;
        else {
          const run = runOfOthers(operations, place, this.#isCatchingUp, this);
          count = run.length;
          const session = this.#parts.presence.sessionOf(clientId, author);
          if (count === 1) this.#receive(op, version, run, author, session);
          else {
            const composed = composeAll(run.map((each) => each.op));
            this.#receive(composed, version + count - 1, run, null, null);
          }
        }
        this.#head = identityOf(operations[place + count - 1] as CommittedOperation);
        this.#parts.device.markUnsaved();
      }
      version += count;
      place += count;
    }
    this.#parts.presence.advanced(this.#buffer);
    return true;
  }

  /** The client id alone is no proof: another person may use it. */
  isOwn(clientId: string, author: string): boolean {
    return clientId === this.#clientId && author === this.#userId;
  }

  /** @param committed as it is in the log: its effects count, not what is in flight here */
  #acknowledged(committed: CommittedOperation): void {
    this.#buffer = buffers.acknowledge(this.#buffer, committed);
    this.#parts.link.progressed();
    this.#parts.merge.acknowledged(this.#buffer, this.#isCatchingUp);
    this.#parts.presence.acknowledged();
    this.#decided();
  }

  get #isCatchingUp(): boolean {
    return this.#buffer.version < this.#catchUpTo;
  }

  #receive(
    operation: TextOperation,
    version: number,
    committed: readonly Change[],
    author: string | null,
    session: number | null,
  ): void {
    const before = this.#buffer.visible;
    const { buffer, visibleOperation } = buffers.receive(
      this.#buffer,
      operation,
      version,
      committed,
    );
    this.#buffer = buffer;
    this.#parts.merge.received(operation);
    this.#changed(before, visibleOperation, 'remote', author, session);
  }

  // --- Rejected ---------------------------------------------------------------------------------

  /** Returns false when a join has to tell what became of the number. */
  rejected(rejected: RejectedMessage): boolean {
    const { effects, link, signals, device } = this.#parts;
    if (!link.isLive || rejected.seq !== this.#buffer.inFlight?.seq) return true;
    effects.cancelTimer('acknowledgement');
    // What became of a number that is used up, or is too early, is in the log.
    if (rejected.code === 'futureSequence' || rejected.code === 'staleSequence') return false;
    if (rejected.retryable) {
      this.#inFlightSent = true; // not again before the timer
      if (rejected.code === 'storeUnavailable') signals.pauseSaving();
      if (rejected.code === 'quotaExceeded') signals.exceedQuota(rejected.detail);
      if (rejected.code === 'readOnly') this.setRole('viewer');
      effects.startTimer('retry', rejected.retryAfterMs ?? 1_000);
      return true;
    }
    if (rejected.code === 'withdrawn') {
      this.#buffer = buffers.unfreezeRejected(this.#buffer);
      this.#decided();
    } else if (rejected.code === 'effectsRefused') this.#dropEffects(rejected);
    else this.#dropInFlight(rejected);
    device.markUnsaved();
    this.sendWhatIsDue();
    return true;
  }

  #dropInFlight({ code, detail }: RejectedMessage): void {
    const before = this.#buffer.visible;
    const { buffer, visibleOperation, lostText } = buffers.dropInFlight(this.#buffer);
    this.#buffer = buffer;
    this.#decided();
    this.#changed(before, visibleOperation, 'remote', null, null);
    this.#parts.effects.push({ type: 'editRefused', code, detail, lostText });
  }

  /** An effect never costs text: that is sent again under the next number (docs/protocol.md#effects). */
  #dropEffects({ detail }: RejectedMessage): void {
    const dropped = this.#buffer.inFlight?.effects ?? noEffects;
    this.#buffer = buffers.unfreezeWithoutEffects(this.#buffer);
    this.#decided();
    this.#parts.effects.push({ type: 'effectsRefused', detail, effects: dropped });
  }

  /** Nothing is in flight any more. */
  #decided(): void {
    const { effects, signals, device } = this.#parts;
    signals.decided();
    device.forgetFreeze();
    this.#isFresh = false;
    this.#inFlightSent = false;
    effects.cancelTimer('acknowledgement');
    effects.cancelTimer('retry');
  }

  #changed(
    before: DocumentText,
    operation: TextOperation,
    origin: 'local' | 'remote',
    author: string | null,
    authorSession: number | null,
  ): void {
    if (operation === noOperation || operation.length === 0) return;
    this.#parts.presence.textChanged(operation, origin, authorSession);
    const after = this.#buffer.visible;
    this.#parts.effects.push({ type: 'changed', before, after, operation, origin, author });
  }

  // --- Around a join ----------------------------------------------------------------------------

  /** What is in flight is sent again after the join, under its number; what was never sent gives its number back. */
  beforeJoin(): void {
    const { device } = this.#parts;
    // A frozen operation that waits for the device was never sent. Its number may be used by another tab by now, if that
    // one took the replica over.
    if (this.#isFresh) {
      this.#givenBack = this.#buffer.inFlight?.seq ?? 0;
      this.#buffer = buffers.unfreezeUnsent(this.#buffer);
      this.#isFresh = false;
      device.markUnsaved();
    }
    if (device.isWithoutDevice) this.passGivenBack();
    device.forgetFreeze();
    this.#isFresh = false;
    this.#inFlightSent = false;
  }

  /**
   * A number never stands for two operations: what the device may hold under a number that was given back is not what
   * would be sent under it now. Returns whether one was passed over; a join has to tell the owner then.
   */
  passGivenBack(): boolean {
    if (this.#givenBack === 0) return false;
    if (this.#isFresh) this.#buffer = buffers.unfreezeUnsent(this.#buffer);
    this.#isFresh = false;
    this.passNumber(this.#givenBack);
    this.#givenBack = 0;
    return true;
  }

  /** The numbers up to this one are used up. */
  passNumber(seq: number): void {
    if (seq >= this.#buffer.nextSeq) this.#buffer = { ...this.#buffer, nextSeq: seq + 1 };
  }

  /** The device has a row that is newer than any number given back. */
  epochIsWritten(): void {
    this.#givenBack = 0;
  }

  joined({ version, limits, userId, role }: JoinedMessage): void {
    this.#limits = limits;
    this.#userId = userId;
    this.#catchUpTo = version;
    this.setRole(role);
  }

  /** The tail of the join is applied, as far as it is here. */
  tailApplied(): void {
    const wasOpened = this.#opened;
    this.#opened ||= !this.#isCatchingUp;
    if (this.#opened !== wasOpened) this.#parts.device.markUnsaved();
  }

  disconnected(): void {
    this.#inFlightSent = false;
  }

  setRole(role: Role): void {
    if (role === this.#role) return;
    this.#role = role;
    this.#parts.device.markUnsaved();
    this.#parts.effects.push({ type: 'roleChanged' });
  }

  // --- Replaced by the server's text ------------------------------------------------------------

  /** @param inFlightCommitted the snapshot contains what is in flight */
  adopt(snapshot: FetchedSnapshot, inFlightCommitted: boolean): void {
    const { merge, signals, device } = this.#parts;
    const before = this.#buffer;
    const { buffer, visibleOperation, operation } = buffers.adoptSnapshot(
      before,
      snapshot,
      inFlightCommitted,
    );
    merge.adopted(before, operation, signals.offlineShown, inFlightCommitted);
    this.#buffer = buffer;
    this.#head = snapshot.head;
    this.#opened = true;
    this.#changed(before.visible, visibleOperation, 'remote', null, null);
    device.markUnsaved();
  }

  /** Gives up everything unsent: the server has it, under numbers up to `lastSeq`. */
  dropUnsent(lastSeq: number): void {
    const { visible } = this.#buffer;
    this.#parts.merge.dropped();
    const { buffer, visibleOperation } = buffers.dropUnsent(this.#buffer, lastSeq + 1);
    this.#buffer = buffer;
    this.#decided();
    this.#changed(visible, visibleOperation, 'remote', null, null);
    this.#parts.device.markUnsaved();
  }
}
