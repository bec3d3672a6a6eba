/**
 * A store in memory, for tests of everything above it: the embedded store's own database without file, thread
 * and durability, so that nothing is written twice that could differ.
 */
import { StoreError, type StorageRoom, type Store } from '../ports/store.ts';
import type { Call, Outcome, WriteRequest } from '../sqlite/messages.ts';
import { openMemoryDatabase } from '../sqlite/open-database.ts';
import { attachSearchTables } from '../sqlite/search-file.ts';
import { SqliteDatabase } from '../sqlite/sqlite-database.ts';
import { storeOver } from '../sqlite/sqlite-store.ts';
import { errorOf } from '../sqlite/worker-connection.ts';

/** The disk of a store in memory: as full as a test says. */
export class MemoryDisk {
  readonly #listeners = new Set<(room: StorageRoom) => void>();
  free = Infinity;
  now = 0;

  /** There is no room any more, or there is again. */
  setFull(isFull: boolean): void {
    this.free = isFull ? 0 : Infinity;
    this.now += 60_000;
    const room = { isPaused: isFull, freeBytes: this.free };
    for (const listener of this.#listeners) listener(room);
  }

  listen(listener: (room: StorageRoom) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

/** Empty; gone when it is closed. */
export function openMemoryStore(disk = new MemoryDisk()): Store {
  const opened = openMemoryDatabase();
  attachSearchTables(opened.connection, opened.historyId);
  const size = (): { total: number; free: number } => ({ total: Infinity, free: disk.free });
  const space = { reserveBytes: 1, size, now: () => disk.now };
  const database = new SqliteDatabase(opened, { isOnlyWriter: true, space });
  let isClosed = false;
  const settled = async (run: () => Outcome | undefined): Promise<unknown> => {
    if (isClosed) throw new StoreError('The store is closed.', false);
    const outcome = run();
    if (outcome === undefined) return undefined;
    if ('failure' in outcome) throw errorOf(outcome.failure);
    return outcome.value;
  };
  return storeOver({
    historyId: database.historyId,
    room: {
      current: () => database.room(),
      onChange: (listener) => disk.listen(listener),
    },
    read: (request: Call) => settled(() => database.read([request])[0]),
    search: (request: Call) => settled(() => database.read([request])[0]),
    write: (request: WriteRequest) => settled(() => database.write([request])[0]?.outcome),
    // Nothing happens to it by itself.
    listen: () => {},
    close: async () => {
      if (!isClosed) database.close();
      isClosed = true;
    },
  });
}
