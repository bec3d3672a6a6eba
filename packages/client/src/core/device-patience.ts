/**
 * How long a session waits for its device. A transaction of another tab may hold the database for as long as that tab
 * lives, and a disk may stay full: what is typed must reach the server all the same (docs/protocol.md, Devices).
 *
 * One timer runs while there is something to wait for, and is not cancelled when a write is answered: writes are
 * answered many times a second. So the patience is between one and two times `DEVICE_PATIENCE_MS`.
 */

/** A healthy device answers within milliseconds, a busy one within a second or two. */
export const DEVICE_PATIENCE_MS = 3_000;

export class DevicePatience {
  /** How often a wait has begun; which one is under way. */
  #waits = 0;
  #isWaiting = false;
  #isTimed = false;
  /** The wait that was under way when the timer was started. */
  #timedWait = 0;

  /**
   * @param isWaiting whether something waits for the device now
   * @returns whether the timer is to be started
   */
  follow(isWaiting: boolean): boolean {
    if (isWaiting && !this.#isWaiting) this.#waits += 1;
    this.#isWaiting = isWaiting;
    if (!isWaiting || this.#isTimed) return false;
    this.#isTimed = true;
    this.#timedWait = this.#waits;
    return true;
  }

  /** The timer ended. Returns whether the device had all of that time, and has not answered. */
  timeIsUp(): boolean {
    this.#isTimed = false;
    return this.#isWaiting && this.#timedWait === this.#waits;
  }
}
