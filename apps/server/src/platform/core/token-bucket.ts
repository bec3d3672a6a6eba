/** A token bucket: `perSecond` tokens flow in, at most `burst` gather. Times in milliseconds. */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #filledAt: number;

  constructor(perSecond: number, burst: number, now: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
    this.#filledAt = now;
  }

  /** Takes `count` tokens; false when there are none, and then none are taken. The bucket may go below zero. */
  take(now: number, count = 1): boolean {
    const gained = ((now - this.#filledAt) * this.#perSecond) / 1_000;
    this.#tokens = Math.min(this.#burst, this.#tokens + Math.max(0, gained));
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= count;
    return true;
  }

  /** How long until a token is there again. */
  waitMs(): number {
    return Math.max(0, Math.ceil(((1 - this.#tokens) * 1_000) / this.#perSecond));
  }
}
