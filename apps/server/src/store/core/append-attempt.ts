/**
 * One append of an owner, until it is known what became of it.
 *
 *   inserting ──written by a majority──────────────────────────────▶ appended
 *    │     ▲ └─duplicate key, or unknown──▶ reading back ──own row──▶ appended
 *    │     └───no row, after a while──────────┤          └─another's─▶ fenced
 *    └──────────────────too many attempts─────┴──────────────────────▶ inDoubt
 *
 * - **A duplicate key proves nothing**: the driver retries a write whose answer was lost, and the second attempt meets the
 *   first one's row. The row is read, and its id compared.
 * - **Reading back** is a read of what a majority has: a row that only the primary has may be rolled back.
 * - **No row** decides nothing: the write may still land. The same batch is inserted again, so that one of the two fails.
 * - **In doubt** the owner drops its state, and the document is released as such (cluster/core/tenure.ts): the next
 *   owner writes a fence first. Nothing was acknowledged, and the author finds the outcome in the log.
 *
 * One owner has one append under way for a document: two could land with a gap between them.
 */

export type AppendInput =
  | { readonly type: 'start' }
  /** A majority has the row. */
  | { readonly type: 'written' }
  | { readonly type: 'duplicate' }
  /** A timeout, a lost connection, an election, an error of the write concern: it may have landed, or land later. */
  | { readonly type: 'unknown' }
  /** @param rowId of the row under the key of the append, as a majority has it; null for no row */
  | { readonly type: 'found'; readonly rowId: string | null }
  | { readonly type: 'readFailed' }
  | { readonly type: 'timer' };

export type AppendOutcome = 'appended' | 'fenced' | 'inDoubt';

export type AppendEffect =
  | { readonly type: 'insert' }
  | { readonly type: 'readBack' }
  | { readonly type: 'startTimer'; readonly ms: number }
  | { readonly type: 'decided'; readonly outcome: AppendOutcome };

/** With timeouts of a second, and the pauses, longer than a lease lasts that cannot be renewed either. */
const ATTEMPTS_MAX = 5;
const PAUSE_MS = 50;
const PAUSE_MAX_MS = 1_000;

export class AppendAttempt {
  readonly #rowId: string;
  #mode: 'new' | 'inserting' | 'readingBack' | 'pausing' | 'decided' = 'new';
  /** What is done after the pause. */
  #next: 'insert' | 'readBack' = 'insert';
  #attempts = 0;

  /** @param rowId drawn for this batch: every attempt inserts the same row */
  constructor(rowId: string) {
    this.#rowId = rowId;
  }

  step(input: AppendInput): readonly AppendEffect[] {
    if (this.#mode === 'decided') return [];
    switch (input.type) {
      case 'start':
        return this.#mode === 'new' ? this.#insert() : [];
      case 'written':
        return this.#decide('appended');
      case 'duplicate':
      case 'unknown':
        return this.#mode === 'inserting' ? this.#readBack() : [];
      case 'found':
        return this.#mode === 'readingBack' ? this.#found(input.rowId) : [];
      case 'readFailed':
        return this.#mode === 'readingBack' ? this.#pause('readBack') : [];
      case 'timer':
        if (this.#mode !== 'pausing') return [];
        return this.#next === 'insert' ? this.#insert() : this.#readBack();
    }
  }

  #found(rowId: string | null): readonly AppendEffect[] {
    if (rowId === null) return this.#pause('insert');
    return this.#decide(rowId === this.#rowId ? 'appended' : 'fenced');
  }

  #insert(): readonly AppendEffect[] {
    this.#mode = 'inserting';
    return [{ type: 'insert' }];
  }

  #readBack(): readonly AppendEffect[] {
    this.#mode = 'readingBack';
    return [{ type: 'readBack' }];
  }

  #pause(next: 'insert' | 'readBack'): readonly AppendEffect[] {
    if (++this.#attempts >= ATTEMPTS_MAX) return this.#decide('inDoubt');
    this.#mode = 'pausing';
    this.#next = next;
    return [{ type: 'startTimer', ms: Math.min(PAUSE_MS * 2 ** this.#attempts, PAUSE_MAX_MS) }];
  }

  #decide(outcome: AppendOutcome): readonly AppendEffect[] {
    this.#mode = 'decided';
    return [{ type: 'decided', outcome }];
  }
}
