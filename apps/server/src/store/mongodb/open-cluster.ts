/** Opens leases and owners alone, for commands that run beside the servers of a database. */
import type { ClusterStore } from '../ports/cluster-store.ts';
import { clusterStore } from './cluster-store.ts';
import { collectionsOf } from './collections.ts';
import { connect, openErrorOf } from './connect.ts';
import { versionOf } from './migrate.ts';
import { Work } from './work.ts';

/**
 * Changes nothing of the database, whose schema may be older: it has no leases then.
 * Rejects with `DatabaseOpenError`.
 */
export async function openMongoCluster(
  url: string,
  warn: (message: string) => void,
): Promise<{ readonly cluster: ClusterStore; readonly close: () => Promise<void> }> {
  const { client, db, hasTransactions } = await connect(url, warn);
  const rows = collectionsOf(db);
  try {
    await versionOf(rows);
  } catch (error) {
    await client.close().catch(() => {});
    throw openErrorOf(error, client.options.hosts.map(String).join(', '));
  }
  const work = new Work(client, hasTransactions);
  return {
    cluster: clusterStore({ rows, work }),
    close: async () => {
      await work.close();
      await client.close();
    },
  };
}
