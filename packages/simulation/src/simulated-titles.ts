/**
 * The title in the store of the simulated server, and the characters that people type into it: each is typed once and
 * never deleted, so that a lost or duplicated one shows.
 */
import type { RenameId } from '@concord/protocol';
import type { Rename, VersionedTitle } from '@concord/server';
import type { Cores } from './cores.ts';
import type { EventLog } from './event-log.ts';
import { must } from './invariant-error.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import type { StoreFaults } from './configuration.ts';

/** Fewer than the longest title, so that nothing is truncated. */
const CHARACTERS_MAX = 80;
/** Probability that a response is lost. */
const LOST_CHANCE = 0.1;

export class SimulatedTitles {
  readonly #cores: Pick<Cores, 'renamed'>;
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #faults: StoreFaults;
  readonly #log: EventLog;
  #title: VersionedTitle = { title: 'Title', titleVersion: 0 };
  readonly #known = new Set<RenameId>();
  #typed = 0;
  #healed = false;
  #process = 0;

  constructor(
    cores: Pick<Cores, 'renamed'>,
    scheduler: Scheduler,
    random: Random,
    faults: StoreFaults,
    log: EventLog,
  ) {
    this.#cores = cores;
    this.#scheduler = scheduler;
    this.#random = random;
    this.#faults = faults;
    this.#log = log;
  }

  /** The stored title. */
  get current(): VersionedTitle {
    return this.#title;
  }

  heal(): void {
    this.#healed = true;
  }

  /** The writing process died. */
  kill(): void {
    this.#process++;
  }

  /** A new character for a title; null when all are used up. */
  character(): string | null {
    if (this.#typed === CHARACTERS_MAX) return null;
    const first = this.#typed % 2 === 0 ? 0x4e00 : 0x1f400;
    return String.fromCodePoint(first + this.#typed++);
  }

  /** Draws whether the response to a rename is lost. */
  losesAnswer(): boolean {
    return !this.#healed && this.#random.chance(LOST_CHANCE);
  }

  /** One atomic write. Null if the store reports a failure, written or not; a dead process does not answer. */
  rename(rename: Rename, done: (named: VersionedTitle | null) => void): void {
    const process = this.#process;
    const { appendMs, unavailableChance } = this.#faults;
    const fails = !this.#healed && this.#random.chance(unavailableChance);
    const isWritten = !fails || this.#random.chance(0.5);
    const survivesKill = this.#random.chance(0.3);
    this.#scheduler.after(1 + this.#random.skewed(0, appendMs), () => {
      if (process !== this.#process && !survivesKill) return;
      const named = isWritten ? this.#write(rename) : null;
      this.#scheduler.after(this.#random.skewed(0, appendMs), () => {
        if (process === this.#process) done(fails ? null : named);
      });
    });
  }

  #write(rename: Rename): VersionedTitle {
    const { renameId } = rename;
    const before = this.#title;
    this.#title = this.#cores.renamed(
      before,
      rename,
      renameId !== null && this.#known.has(renameId),
    );
    if (renameId !== null) this.#known.add(renameId);
    const { title, titleVersion } = this.#title;
    this.#log.record('store', 'renamed', `${renameId} ${titleVersion} ${title}`);
    const characters = Array.from(title);
    must(
      new Set(characters).size === characters.length,
      'title',
      () => `something was renamed twice: ${title}`,
    );
    mustKeep('the store', before.title, title);
    return this.#title;
  }
}

/** No character leaves a title. */
export function mustKeep(name: string, before: string, after: string): void {
  if (before === after) return;
  const kept = new Set(after);
  for (const character of before) {
    must(
      kept.has(character),
      'title',
      () => `${character} of the title ${before} is not in ${after} of ${name}`,
    );
  }
}
