/**
 * Opens the store that the configuration names: the files of the data directory, or a MongoDB database. The driver is loaded
 * for a database only: it is a tenth of what a server loads at its start.
 */
import { mkdirSync } from 'node:fs';
import type { Config } from '../platform/config.ts';
import type { ClusterStore } from './ports/cluster-store.ts';
import type { Store } from './ports/store.ts';
import { requireFilesNotMoved } from './sqlite/moved-files.ts';
import { openSqliteStore } from './sqlite/sqlite-store.ts';

export type StoreConfig = Pick<Config, 'dataDirectory' | 'databaseUrl' | 'diskReserveBytes'>;

/**
 * @param warn told what the administrator should know about a database; says nothing secret
 * Rejects with `StoreOpenError` or `DatabaseOpenError`, also for a store whose contents were moved.
 */
export async function openStore(
  { dataDirectory, databaseUrl, diskReserveBytes }: StoreConfig,
  warn: (message: string) => void,
): Promise<Store> {
  if (databaseUrl === null) {
    requireFilesNotMoved(dataDirectory);
    return openSqliteStore(dataDirectory, undefined, diskReserveBytes);
  }
  // The running server keeps there how commands reach it (jobs/control.ts).
  mkdirSync(dataDirectory, { recursive: true });
  const { openMongoStore } = await import('./mongodb/mongo-store.ts');
  return openMongoStore(databaseUrl, { warn, isServed: true });
}

/** The part of a database that several servers share, for commands: nothing else of it is read or changed. */
export interface OpenCluster {
  readonly cluster: ClusterStore;
  readonly close: () => Promise<void>;
}

/** Rejects with `DatabaseOpenError`. */
export async function openCluster(
  databaseUrl: string,
  warn: (message: string) => void,
): Promise<OpenCluster> {
  const { openMongoCluster } = await import('./mongodb/open-cluster.ts');
  return openMongoCluster(databaseUrl, warn);
}
