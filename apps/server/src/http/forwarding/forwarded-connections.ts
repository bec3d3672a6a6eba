/**
 * Connections of clients that this node passes on to others. A node that leaves ends them one after the other: their
 * clients connect again at once, by another node, and all together they would be a herd. `moved`, by which the owner of a
 * document paces its own sessions, cannot be sent into them, since their frames are not read here.
 */
import { setTimeout as sleep } from 'node:timers/promises';

/** A thousand connections end within two seconds, and few of them within one. */
const EACH_MS = 2;
const LEAST_MS = 1_000;
const MOST_MS = 8_000;
const TICK_MS = 25;

export interface PacedClock {
  /** Milliseconds, never put back. */
  now(): number;
  sleep(ms: number): Promise<unknown>;
}

const realClock: PacedClock = { now: () => performance.now(), sleep: (ms) => sleep(ms) };

/** As a socket. */
interface Connection {
  destroySoon(): void;
  once(event: 'close', listener: () => void): unknown;
}

export class ForwardedConnections {
  readonly #open = new Set<Connection>();
  readonly #clock: PacedClock;
  #ending: Promise<void> | null = null;

  /** @param clock for tests */
  constructor(clock: PacedClock = realClock) {
    this.#clock = clock;
  }

  /** @param client its side of the connection; what is to be written to it is, before it ends */
  add(client: Connection): void {
    this.#open.add(client);
    client.once('close', () => this.#open.delete(client));
  }

  /** Ends those that are open now, evenly and in random order, the more of them the slower. Resolves when it has. */
  end(withinMs: number): Promise<void> {
    this.#ending ??= this.#end(withinMs);
    return this.#ending;
  }

  async #end(withinMs: number): Promise<void> {
    const left = shuffled([...this.#open]);
    const total = left.length;
    const duration = Math.min(withinMs, MOST_MS, Math.max(LEAST_MS, total * EACH_MS));
    const startedAt = this.#clock.now();
    while (left.length > 0) {
      await this.#clock.sleep(TICK_MS * (0.5 + Math.random()));
      // A process that stood still meanwhile catches up.
      const part = (this.#clock.now() - startedAt) / duration;
      const dueLeft = Math.floor(total * Math.max(0, 1 - part));
      for (const client of left.splice(dueLeft)) client.destroySoon();
    }
  }
}

/** Fisher-Yates. */
function shuffled<T>(items: T[]): T[] {
  for (let last = items.length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1));
    const [one, two] = [items[last], items[other]] as [T, T];
    items[last] = two;
    items[other] = one;
  }
  return items;
}
