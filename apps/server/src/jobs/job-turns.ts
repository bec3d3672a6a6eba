/**
 * Which of several servers does a job: one at a time, by a hold that it takes again while it goes on and that expires
 * when it dies. Every job here may also run on two servers at once without harm: the turn spares work, and keeps
 * the time for deleting by age from being credited twice.
 */
import { randomUUID } from 'node:crypto';
import type { Holds } from '../store/ports/holds.ts';
import type { Store } from '../store/ports/store.ts';

/** Longer than between two runs, so that a server keeps its turn while it lives. */
const turns = { housekeeping: 25 * 60_000, indexing: 5 * 60_000 } as const;
export type TurnedJob = keyof typeof turns;

export class JobTurns {
  readonly #holds: Holds | null;
  /** Of this process, never used again. */
  readonly #holder = randomUUID();

  /** A store without anything shared is this process' own. */
  constructor({ shared }: Pick<Store, 'shared'>) {
    this.#holds = shared?.holds ?? null;
  }

  /** Whether the job is this server's now; it is for a while then. Rejects with StoreError. */
  async isMine(job: TurnedJob): Promise<boolean> {
    if (this.#holds === null) return true;
    const hold = { holder: this.#holder, value: '', forMs: turns[job] };
    return (await this.#holds.take(nameOf(job), hold)) === null;
  }

  /** Lets another server go on at once. Never rejects. */
  async release(): Promise<void> {
    const jobs = Object.keys(turns) as TurnedJob[];
    await Promise.all(jobs.map(async (job) => this.#holds?.release(nameOf(job), this.#holder)));
  }
}

const nameOf = (job: TurnedJob): string => `job ${job}`;
