/**
 * The database of the searching worker. A damaged index is recreated empty, and the sweep of the indexing
 * (jobs/indexing.ts) fills it again.
 */
import type { StoreEvent } from '../ports/store.ts';
import type { Call, Outcome } from './messages.ts';
import { openSearchFile } from './search-file.ts';
import { SqliteDatabase } from './sqlite-database.ts';

/** Damage again within this time is not that of the index, but of the database or the disk. */
const ANEW_AGAIN_MS = 10 * 60_000;

export class SearchDatabase {
  readonly #dataDirectory: string;
  readonly #changed: (event: StoreEvent) => void;
  #database: SqliteDatabase;
  #madeAnewAt = -Infinity;

  /** @param changed is told when the index was made anew */
  constructor(dataDirectory: string, changed: (event: StoreEvent) => void) {
    this.#dataDirectory = dataDirectory;
    this.#changed = changed;
    this.#database = new SqliteDatabase(openSearchFile(dataDirectory), { isOnlyWriter: false });
  }

  get events(): readonly StoreEvent[] {
    return [];
  }

  get historyId(): string {
    return this.#database.historyId;
  }

  /** Answers the requests, of which those to the index may write to it, in one transaction. */
  read(requests: readonly Call[]): readonly Outcome[] {
    const outcomes = this.#database.read(requests);
    if (!outcomes.some(isDamage)) return outcomes;
    const mayBeMadeAnew = performance.now() - this.#madeAnewAt > ANEW_AGAIN_MS;
    if (!mayBeMadeAnew) return outcomes;
    this.#makeAnew();
    const message =
      'The search index was damaged and is being made anew. Search again in a moment.';
    return outcomes.map((each) =>
      isDamage(each) ? { failure: { kind: 'unavailable', message } } : each,
    );
  }

  close(): void {
    this.#database.close();
  }

  #makeAnew(): void {
    this.#madeAnewAt = performance.now();
    this.#database.close();
    const opened = openSearchFile(this.#dataDirectory, true);
    this.#database = new SqliteDatabase(opened, { isOnlyWriter: false });
    this.#changed({ type: 'derivedReset' });
  }
}

const isDamage = (outcome: Outcome): boolean =>
  'failure' in outcome && outcome.failure.kind === 'corruption';
