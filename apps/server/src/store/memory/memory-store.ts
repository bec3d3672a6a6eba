/**
 * A store in memory, for tests of everything above it: the embedded store's own database without file, thread
 * and durability, so that nothing is written twice that could differ.
 */
import { StoreError, type Store } from '../store.ts';
import type { Call, Outcome, WriteRequest } from '../sqlite/messages.ts';
import { openMemoryDatabase } from '../sqlite/open-database.ts';
import { attachSearchTables } from '../sqlite/search-file.ts';
import { SqliteDatabase } from '../sqlite/sqlite-database.ts';
import { storeOver } from '../sqlite/sqlite-store.ts';
import { errorOf } from '../sqlite/worker-connection.ts';

/** Empty; gone when it is closed. */
export function openMemoryStore(): Store {
  const opened = openMemoryDatabase();
  attachSearchTables(opened.connection, opened.historyId);
  const database = new SqliteDatabase(opened, { isOnlyWriter: true });
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
