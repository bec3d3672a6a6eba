/**
 * The documents that this node owns, takes over and hands over. Pure: inputs in, effects out.
 *
 * A document changes its node in this order: its intake is stopped, what was taken in is flushed, a checkpoint is written
 * (`close`), the row is released (`released`), clients move, and the node that they reach opens it. Handing over is
 * paced, with jitter: after the ring changed and stayed so for a while, and when this node drains.
 *
 * Safety does not rest on anything here but the order of takeover (tenure.ts): the log's unique key and the epoch exclude
 * a second writer. See docs/cluster.md.
 */
import { ClusterView } from './cluster-view.ts';
import type { OwnershipEffect, OwnershipInput } from './ownership-io.ts';
import { Tenure } from './tenure.ts';

/** Members that come and go together, as in a restart of all of them, are one change. */
const SETTLE_MS = 1_000;
const TICK_MS = 100;
/** Handing over takes about this long, or less when there are few documents. */
const SPREAD_MS = 10_000;
/** Documents that are being closed at once, at least. */
const CLOSING_AT_ONCE = 8;

export class OwnershipTable {
  readonly #view = new ClusterView();
  readonly #tenures = new Map<string, Tenure>();
  #effects: OwnershipEffect[] = [];
  #ticket = 0;
  /** Documents to hand over. */
  #queue: string[] = [];
  #perTick = 1;
  #isRingNew = false;
  #isTimerRunning = false;
  #hasDrained = false;

  /** Documents that are open here, or being closed. */
  get size(): number {
    return this.#tenures.size;
  }

  step(input: OwnershipInput): readonly OwnershipEffect[] {
    this.#effects = [];
    this.#handle(input);
    if (this.#view.isDraining && this.#tenures.size === 0 && !this.#hasDrained) {
      this.#hasDrained = true;
      this.#effects.push({ type: 'drained' });
    }
    return this.#effects;
  }

  #handle(input: OwnershipInput): void {
    switch (input.type) {
      case 'leaseHeld':
        this.#view.leaseId = input.leaseId;
        return;
      case 'leaseLost':
        this.#view.lost();
        return this.#dropAll();
      case 'members':
        if (!this.#view.read(input.live, input.ended)) return;
        this.#isRingNew = true;
        return this.#startTimer(SETTLE_MS);
      case 'acquire':
        return this.#acquire(input.documentId, input.isForwarded);
      case 'answered': {
        const { documentId, ticket, answer } = input;
        return this.#on(documentId, (tenure) => tenure.answered(ticket, answer));
      }
      case 'closed': {
        const { documentId, epoch, head, isClean } = input;
        return this.#on(documentId, (tenure) => tenure.closed(epoch, head, isClean));
      }
      case 'timer':
        this.#isTimerRunning = false;
        return this.#handOverSome(input.random);
      case 'drain':
        if (this.#view.isDraining) return;
        this.#view.isDraining = true;
        this.#isRingNew = true;
        return this.#startTimer(0);
      case 'force':
        return this.#dropAll();
    }
  }

  #acquire(documentId: string, isForwarded: boolean): void {
    const tenure = this.#tenures.get(documentId);
    if (tenure !== undefined) return tenure.wanted(isForwarded);
    const view = this.#view;
    if (view.leaseId === null) {
      this.#effects.push({ type: 'notAcquired', documentId });
      return;
    }
    const push = (effect: OwnershipEffect): void => void this.#effects.push(effect);
    const nextTicket = (): number => ++this.#ticket;
    this.#tenures.set(
      documentId,
      new Tenure(documentId, view.leaseId, view, isForwarded, push, nextTicket),
    );
  }

  #on(documentId: string, run: (tenure: Tenure) => void): void {
    const tenure = this.#tenures.get(documentId);
    if (tenure === undefined) return;
    const wasHeld = tenure.isHeld;
    run(tenure);
    if (tenure.isDone) this.#tenures.delete(documentId);
    // It was taken although it belongs elsewhere, because another node sent its client here.
    if (tenure.isHeld && !wasHeld && this.#view.isMisplaced(documentId)) {
      this.#queue.push(documentId);
      this.#startTimer(SETTLE_MS);
    }
  }

  #dropAll(): void {
    for (const tenure of this.#tenures.values()) tenure.drop();
    this.#tenures.clear();
    this.#queue = [];
  }

  // --- Handing over -----------------------------------------------------------------------------

  #handOverSome(random: number): void {
    if (this.#isRingNew) {
      this.#isRingNew = false;
      this.#queue = [...this.#tenures.keys()].filter((id) => this.#view.isMisplaced(id));
      this.#perTick = Math.ceil((this.#queue.length * TICK_MS) / SPREAD_MS);
    }
    const atOnce = Math.max(CLOSING_AT_ONCE, 4 * this.#perTick);
    let closing = 0;
    for (const tenure of this.#tenures.values()) if (tenure.isClosing) closing++;
    const count = Math.max(1, this.#perTick);
    for (let closed = 0; closed < count && closing + closed < atOnce;) {
      const documentId = this.#queue.shift();
      if (documentId === undefined) break;
      const tenure = this.#tenures.get(documentId);
      if (tenure === undefined || !this.#view.isMisplaced(documentId)) continue;
      // One that is being opened belongs elsewhere when it is open.
      if (!tenure.isHeld) continue;
      tenure.close();
      closed++;
    }
    if (this.#queue.length > 0) this.#startTimer(TICK_MS * (0.5 + random));
  }

  #startTimer(ms: number): void {
    // A ring that changes again while documents are handed over is looked at with the next of them.
    if (this.#isTimerRunning && ms > 0) return;
    this.#isTimerRunning = true;
    this.#effects.push({ type: 'startTimer', ms });
  }
}
