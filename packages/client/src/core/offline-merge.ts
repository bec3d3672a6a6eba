/**
 * Edits made while away, from the join that brings them back to their last acknowledgement: how many there are for the
 * status line, and the two branches for the review (merge.ts).
 */
import type { TextOperation } from '@concord/ot';
import { unsentEdits, type Buffer } from './buffer.ts';
import type { Effects } from './effects.ts';
import { MergeRecord } from './merge.ts';

const MERGED_SHOWN_MS = 6_000;

export class OfflineMerge {
  readonly #effects: Effects;
  readonly #record = new MergeRecord();
  /** The page was opened with edits that one before it had left. */
  #isReturning = false;
  #syncing = 0;
  #merged = 0;

  constructor(effects: Effects) {
    this.#effects = effects;
  }

  /** Edits made while away that are being sent now; 0 when none. */
  get syncing(): number {
    return this.#syncing;
  }
  /** Edits made while away that were acknowledged a moment ago; 0 when none. */
  get merged(): number {
    return this.#merged;
  }

  start(isReturning: boolean): void {
    this.#isReturning = isReturning;
  }

  /** @param buffer as it was while away, before the tail of the join */
  joined(buffer: Buffer, serverVersion: number, wasOffline: boolean): void {
    const isMerge = this.#record.hasBegun || serverVersion > buffer.version;
    const isBack = wasOffline || (this.#isReturning && isMerge);
    this.#isReturning = false;
    if (!isBack) return;
    this.#syncing = unsentEdits(buffer);
    if (this.#syncing > 0) this.#record.begin(buffer);
  }

  /** Others' operation on the confirmed text. */
  received(operation: TextOperation): void {
    this.#record.received(operation);
  }

  /** While catching up, what is acknowledged was sent before the person was away. */
  acknowledged(buffer: Buffer, isCatchingUp: boolean): void {
    if (isCatchingUp) this.#record.restart(buffer);
    else this.#record.acknowledged();
  }

  /**
   * A snapshot replaced the confirmed text.
   * @param before the buffer before it
   * @param operation leads from there to the snapshot
   * @param isMixed it contains what is in flight: the branches cannot be told apart
   */
  adopted(before: Buffer, operation: TextOperation, isOffline: boolean, isMixed: boolean): void {
    const isAway = isOffline || this.#isReturning;
    if (isAway && unsentEdits(before) > 0) this.#record.begin(before);
    if (isMixed) this.#record.cancel();
    this.#record.received(operation);
  }

  /** The edits were dropped: the server has them already. */
  dropped(): void {
    this.#syncing = 0;
    this.#record.cancel();
  }

  /** Everything is acknowledged. */
  ended(): void {
    const merge = this.#record.end(this.#syncing);
    if (this.#syncing === 0) return;
    this.#merged = this.#syncing;
    this.#syncing = 0;
    this.#effects.startTimer('merged', MERGED_SHOWN_MS);
    if (merge !== null) this.#effects.push({ type: 'merged', merge });
  }

  /** It was shown for long enough. */
  timedOut(): void {
    this.#merged = 0;
  }
}
