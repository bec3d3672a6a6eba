/** Tables of the memory store: maps with an undo journal, so that writes are atomic. */
import { DuplicateRecordError } from '../ports/store.ts';

/** Undo journal: rolls back the changes of a write that throws. */
export class Journal {
  #undos: (() => void)[] = [];

  changed(undo: () => void): void {
    this.#undos.push(undo);
  }

  /** Runs a write, and rolls back when it throws. Writes are synchronous, so that they do not interleave. */
  atomically<A>(write: () => A): A {
    this.#undos = [];
    try {
      return write();
    } catch (error) {
      for (const undo of this.#undos.reverse()) undo();
      throw error;
    }
  }
}

/** Rows by their key. A row is replaced, never changed. */
export class Table<K, V> {
  readonly #rows = new Map<K, V>();
  readonly #journal: Journal;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  get size(): number {
    return this.#rows.size;
  }
  get(key: K): V | undefined {
    return this.#rows.get(key);
  }
  has(key: K): boolean {
    return this.#rows.has(key);
  }
  keys(): Iterable<K> {
    return this.#rows.keys();
  }
  values(): readonly V[] {
    return [...this.#rows.values()];
  }
  filter(isWanted: (row: V) => boolean): readonly V[] {
    return this.values().filter(isWanted);
  }
  find(isWanted: (row: V) => boolean): V | undefined {
    for (const row of this.#rows.values()) if (isWanted(row)) return row;
    return undefined;
  }

  set(key: K, row: V): void {
    this.#remember(key);
    this.#rows.set(key, row);
  }

  /** As {@link set}, but the key must be free: a duplicate key is an error of the caller. */
  add(key: K, row: V): void {
    if (this.#rows.has(key)) throw new DuplicateRecordError();
    this.set(key, row);
  }

  delete(key: K): boolean {
    if (!this.#rows.has(key)) return false;
    this.#remember(key);
    return this.#rows.delete(key);
  }

  /** Deletes the rows that satisfy the predicate; returns their number. */
  deleteWhere(isMeant: (row: V, key: K) => boolean): number {
    const meant = [...this.#rows].filter(([key, row]) => isMeant(row, key));
    for (const [key] of meant) this.delete(key);
    return meant.length;
  }

  #remember(key: K): void {
    const row = this.#rows.get(key);
    const wasThere = this.#rows.has(key);
    this.#journal.changed(() => {
      if (wasThere) this.#rows.set(key, row as V);
      else this.#rows.delete(key);
    });
  }
}

/** An unambiguous key of several strings. */
export const keyOf = (...parts: readonly string[]): string => JSON.stringify(parts);
