/** Compares the pages of the database with their checksums: at the start within a time bound, the rest piece by piece. */
import type { DataFiles } from './data-files.ts';

/** Time bound at the start: enough for a gigabyte in the page cache, less from a slow disk. */
const START_MS = 5_000;
/** Pause between two complete rounds. */
const ROUND_MS = 24 * 60 * 60_000;
/** Pages checked between two requests: well below a millisecond from the page cache. */
const PIECE_PAGES = 64;

export class PageCheck {
  readonly #files: DataFiles;
  #next = 1;
  #doneAt = 0;

  constructor(files: DataFiles) {
    this.#files = files;
  }

  get isDone(): boolean {
    return this.#next > this.#files.pageCount;
  }

  /** Checks from the beginning: all, or until the time is up. */
  atStart(checksAll: boolean): readonly number[] {
    const until = checksAll ? Infinity : performance.now() + START_MS;
    const damaged: number[] = [];
    while (!this.isDone && performance.now() < until) damaged.push(...this.piece());
    return damaged;
  }

  /** The next pages; nothing while a round is not due. */
  piece(): readonly number[] {
    const now = performance.now();
    if (this.isDone) {
      if (now - this.#doneAt < ROUND_MS) return [];
      this.#next = 1;
    }
    const first = this.#next;
    this.#next += PIECE_PAGES;
    if (this.isDone) this.#doneAt = now;
    return this.#files.damagedAmong(first, PIECE_PAGES);
  }
}
