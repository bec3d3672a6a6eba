/** Opens the server's store in a test; no server may use the directory. */
import type { Store } from '@concord/server';

export async function openStore(dataDirectory: string): Promise<Store> {
  const path = new URL('./store/sqlite/sqlite-store.js', import.meta.resolve('@concord/server'));
  const module = (await import(path.href)) as {
    readonly openSqliteStore: (directory: string) => Promise<Store>;
  };
  return module.openSqliteStore(dataDirectory);
}
