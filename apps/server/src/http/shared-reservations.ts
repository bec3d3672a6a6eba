/**
 * Reservations of idempotency keys between nodes, as holds that expire when their node dies: the same key sent to two
 * nodes at once runs once. A node that is suspended for longer than a hold may run beside another one; then the write and
 * its kept answer are one transaction, or the edit has its number in the log (http/idempotency.ts).
 */
import { randomUUID } from 'node:crypto';
import type { Holds } from '../store/ports/holds.ts';
import { ProcessReservations, type Reservations } from './reservations.ts';

const HOLD_MS = 30_000;
const RENEW_MS = 10_000;

export class SharedReservations implements Reservations {
  readonly #holds: Holds;
  readonly #onError: (error: unknown) => void;
  /** Requests of this process are told apart without a question. */
  readonly #near = new ProcessReservations();
  readonly #renewals = new Map<
    string,
    { readonly holder: string; readonly timer: NodeJS.Timeout }
  >();

  constructor(holds: Holds, onError: (error: unknown) => void) {
    this.#holds = holds;
    this.#onError = onError;
  }

  async reserve(key: string, value: string): Promise<string | null> {
    const here = await this.#near.reserve(key, value);
    if (here !== null) return here;
    // Of this request, so that a late release frees no other one.
    const holder = randomUUID();
    const take = () => this.#holds.take(nameOf(key), { holder, value, forMs: HOLD_MS });
    try {
      const elsewhere = await take();
      if (elsewhere !== null) await this.#near.release(key);
      else this.#renew(key, holder, take);
      return elsewhere;
    } catch (error) {
      // Running twice is what a key prevents: without an answer nothing runs.
      await this.#near.release(key);
      throw error;
    }
  }

  async release(key: string): Promise<void> {
    const renewal = this.#renewals.get(key);
    if (renewal !== undefined) {
      clearInterval(renewal.timer);
      this.#renewals.delete(key);
      await this.#holds.release(nameOf(key), renewal.holder);
    }
    await this.#near.release(key);
  }

  #renew(key: string, holder: string, take: () => Promise<unknown>): void {
    const timer = setInterval(() => void take().catch(this.#onError), RENEW_MS);
    timer.unref();
    this.#renewals.set(key, { holder, timer });
  }
}

const nameOf = (key: string): string => `request ${key}`;
