/**
 * The lease of this node: it is a member of the cluster, and may answer for the documents that it holds, while the lease
 * is valid.
 *
 *   out ──start──▶ joining ──first renewal written──▶ held ──over, or ended by another node──▶ out (lost)
 *                     └───────────────────────────leave─┴──────────────────────────────────▶ out
 *
 * A lease is a row of the database under a lease id that is never used again. Its end is the database's clock at the
 * last renewal plus `leaseMs`, and only the database's clock is compared with it. A lease ends for good by one
 * majority write of `ended`, by its own node, or by another one once its end has passed. No renewal succeeds after that.
 *
 * - **Own end.** This node never compares its clock with the database's. A renewal is valid until
 *   `leaseMs - marginMs` after the moment **before it was sent**, by the node's monotonic clock: the database set
 *   its end later than that. The margin covers how far clocks of the database's members differ, which shows when another
 *   one becomes primary, and how much faster than the node's they run.
 * - **No revival.** When its own end has passed the lease is lost, whatever answer comes later. The adapter drops every
 *   document at `lost`, and starts again under another lease id.
 * - **Renewals** carry rising numbers, and are written only over a lower one: a late one changes nothing. One that is not
 *   answered does not delay the next.
 *
 * The adapter steps `look` before it hands any core an input, and asks `mayAnswer` right before each answer, reads
 * included. See docs/cluster.md.
 */

export interface LeaseTimes {
  /** How long a renewal keeps the lease, by the database's clock. */
  readonly leaseMs: number;
  /** How much earlier this node stops. */
  readonly marginMs: number;
  readonly renewEveryMs: number;
}

/**
 * The time until another node takes over is about `leaseMs`, less half of `renewEveryMs`. A database that stops for longer
 * than `leaseMs - marginMs - renewEveryMs` costs the lease, and what was open is opened again.
 */
export const leaseTimes: LeaseTimes = { leaseMs: 2_500, marginMs: 500, renewEveryMs: 500 };

export type LeaseInput =
  /** @param leaseId fresh, of the adapter's random bits */
  | { readonly type: 'start'; readonly leaseId: string }
  /** Time has passed; also before any input of another core. */
  | { readonly type: 'look' }
  /** A renewal is written by a majority. */
  | { readonly type: 'renewed'; readonly leaseId: string; readonly number: number }
  /** The row says that the lease is over. A renewal that failed otherwise needs no input. */
  | { readonly type: 'ended'; readonly leaseId: string }
  | { readonly type: 'timer' }
  /** From now on this node takes no document. */
  | { readonly type: 'drain' }
  /** Every document was released or dropped. */
  | { readonly type: 'leave' };

export type LeaseEffect =
  | {
      readonly type: 'renew';
      readonly leaseId: string;
      /** Written only over a lower number, and only where the row is not ended. */
      readonly number: number;
      readonly isDraining: boolean;
      /** The row may not exist yet. Once a renewal was written, a missing row means ended. */
      readonly mayInsert: boolean;
    }
  | { readonly type: 'startTimer'; readonly ms: number }
  | { readonly type: 'held'; readonly leaseId: string }
  /** Carried out at once, before anything else: every document is dropped. */
  | { readonly type: 'lost'; readonly leaseId: string }
  /** Writes `ended` to the own row: this node answers for nothing any more. If it fails, other nodes do it later. */
  | { readonly type: 'end'; readonly leaseId: string };

export class NodeLease {
  readonly #times: LeaseTimes;
  #effects: LeaseEffect[] = [];
  #mode: 'out' | 'joining' | 'held' = 'out';
  #leaseId = '';
  #number = 0;
  #isDraining = false;
  /** When each renewal was sent that was not answered yet. */
  readonly #sentAt = new Map<number, number>();
  /** By the monotonic clock of this node. */
  #validUntil = 0;

  constructor(times: LeaseTimes = leaseTimes) {
    this.#times = times;
  }

  /** Null while there is no valid lease, as far as the last step knew. */
  get leaseId(): string | null {
    return this.#mode === 'held' ? this.#leaseId : null;
  }

  /**
   * Whether this node may answer for its documents at this moment.
   * @param nowMs by a clock that is never put back, read right before the answer
   */
  mayAnswer(nowMs: number): boolean {
    return this.#mode === 'held' && !this.#isOver(nowMs);
  }

  /** @param nowMs by a clock that is never put back, also not while the process is suspended */
  step(input: LeaseInput, nowMs: number): readonly LeaseEffect[] {
    this.#effects = [];
    if (this.#mode === 'held' && this.#isOver(nowMs)) this.#lose();
    this.#handle(input, nowMs);
    return this.#effects;
  }

  #handle(input: LeaseInput, nowMs: number): void {
    switch (input.type) {
      case 'start':
        if (this.#mode !== 'out') return;
        this.#mode = 'joining';
        this.#leaseId = input.leaseId;
        this.#number = 0;
        return this.#renew(nowMs);
      case 'look':
        return;
      case 'renewed':
        if (this.#isCurrent(input.leaseId)) this.#renewed(input.number, nowMs);
        return;
      case 'ended':
        if (this.#isCurrent(input.leaseId)) this.#lose();
        return;
      case 'timer':
        if (this.#mode !== 'out') this.#renew(nowMs);
        return;
      case 'drain':
        if (this.#isDraining) return;
        this.#isDraining = true;
        // Others learn of it from the row.
        if (this.#mode !== 'out') this.#renew(nowMs);
        return;
      case 'leave':
        if (this.#mode === 'out') return;
        this.#mode = 'out';
        return this.#push({ type: 'end', leaseId: this.#leaseId });
    }
  }

  #isCurrent(leaseId: string): boolean {
    return this.#mode !== 'out' && leaseId === this.#leaseId;
  }

  #isOver(nowMs: number): boolean {
    return nowMs >= this.#validUntil;
  }

  #renew(nowMs: number): void {
    const { renewEveryMs, leaseMs } = this.#times;
    const number = ++this.#number;
    for (const [sent, at] of this.#sentAt) if (nowMs - at > leaseMs) this.#sentAt.delete(sent);
    this.#sentAt.set(number, nowMs);
    this.#push({
      type: 'renew',
      leaseId: this.#leaseId,
      number,
      isDraining: this.#isDraining,
      mayInsert: this.#mode === 'joining',
    });
    const remainingMs = this.#mode === 'held' ? this.#validUntil - nowMs : renewEveryMs;
    // Rounded up, so that the lease is over when a timer of its end fires.
    this.#push({ type: 'startTimer', ms: Math.ceil(Math.min(renewEveryMs, remainingMs)) });
  }

  #renewed(number: number, nowMs: number): void {
    const sentAtMs = this.#sentAt.get(number);
    if (sentAtMs === undefined) return;
    for (const sent of this.#sentAt.keys()) if (sent <= number) this.#sentAt.delete(sent);
    const validUntil = sentAtMs + this.#times.leaseMs - this.#times.marginMs;
    // A first renewal that was answered too late: the next one is under way.
    if (nowMs >= validUntil) return;
    this.#validUntil = Math.max(this.#validUntil, validUntil);
    if (this.#mode === 'held') return;
    this.#mode = 'held';
    this.#push({ type: 'held', leaseId: this.#leaseId });
  }

  #lose(): void {
    this.#mode = 'out';
    this.#sentAt.clear();
    this.#validUntil = 0;
    this.#push({ type: 'lost', leaseId: this.#leaseId });
    this.#push({ type: 'end', leaseId: this.#leaseId });
  }

  #push(effect: LeaseEffect): void {
    this.#effects.push(effect);
  }
}
