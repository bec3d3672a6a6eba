/** Where a migration reads from, and what it fills: a data directory or a MongoDB database. */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openMongoStore } from '../../store/mongodb/mongo-store.ts';
import { openBuildingCollections } from '../../store/mongodb/transfer/building-collections.ts';
import { openMongoSource } from '../../store/mongodb/transfer/open-source.ts';
import type { Store } from '../../store/ports/store.ts';
import type { TransferSource, TransferTarget } from '../../store/ports/transfer-store.ts';
import { lockDirectory } from '../../store/sqlite/directory-lock.ts';
import { DATABASE_FILE, MIGRATING_DIRECTORY, openReadingDatabase } from '../../store/sqlite/open-database.ts'; // prettier-ignore
import { markFilesMoved } from '../../store/sqlite/moved-files.ts';
import { openSqliteStore } from '../../store/sqlite/sqlite-store.ts';
import { BuildingDatabase, databaseFilesIn, putInPlace } from '../../store/sqlite/transfer/building-database.ts'; // prettier-ignore
import { sqliteSource } from '../../store/sqlite/transfer/sqlite-source.ts';
import { MigrationError } from './migration-error.ts';

export type Place =
  | { readonly kind: 'files'; readonly directory: string }
  | { readonly kind: 'database'; readonly url: string };

/** For people: without the credentials and options of an address. */
export function nameOf(place: Place): string {
  if (place.kind === 'files') return `the data directory ${resolve(place.directory)}`;
  const [, hosts = '', name = ''] =
    /^mongodb(?:\+srv)?:\/\/(?:[^/]*@)?([^/?@]+)(?:\/([^?]*))?/.exec(place.url) ?? [];
  return `the database ${name === '' ? 'concord' : name} at ${hosts}`;
}

export type Warn = (message: string) => void;

export interface Origin {
  readonly source: TransferSource;
  readonly store: Store;
  /** Servers refuse the place from now on. */
  markMoved(to: Place): Promise<void>;
  readonly close: () => Promise<void>;
}

export interface Destination extends TransferTarget {
  /** How far a former attempt got; null for none. */
  readonly place: string | null;
  /** Whether a former attempt has written everything, and was interrupted later. */
  readonly isWritten: boolean;
  reached(place: string): Promise<void>;
  source(): TransferSource;
  /** Opens what was written for the check; if that rejects, the destination stays closed to servers. */
  finish(historyId: string, check: (store: Store) => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

/** No server may use the place, as long as it is open. Rejects with StoreOpenError, DatabaseOpenError or MigrationError. */
export async function openOrigin(place: Place, warn: Warn): Promise<Origin> {
  if (place.kind === 'database') {
    const { source, liveServers, markMoved, close } = await openMongoSource(place.url, { isSnapshot: false, warn }); // prettier-ignore
    if (liveServers.length > 0) {
      await close();
      throw new MigrationError(
        `Servers are running on the database (${liveServers.join(', ')}). Stop all of them, then run this again.`,
      );
    }
    const store = await openMongoStore(place.url);
    return {
      ...{ source, store },
      markMoved: (to) => markMoved(nameOf(to)),
      close: async () => void (await Promise.all([store.close(), close()])),
    };
  }
  const { directory } = place;
  if (!databaseFilesIn(directory).includes(DATABASE_FILE)) {
    throw new MigrationError(
      `There is no database in the data directory ${directory}: nothing to move.`,
    );
  }
  const store = await openSqliteStore(directory);
  store.listen((event) => {
    if (event.type === 'incident') warn(`${event.incident.name}: ${event.incident.message}`);
  });
  const { connection, historyId, close } = openReadingDatabase(directory);
  const source = sqliteSource(connection, historyId);
  return {
    ...{ source, store },
    markMoved: async (to) => markFilesMoved(directory, nameOf(to)),
    close: () => {
      close();
      return store.close();
    },
  };
}

/** @param origin names what is moved. Rejects when the place is not empty, or is being filled with something else */
export function openDestination(place: Place, origin: string, warn: Warn): Promise<Destination> {
  return place.kind === 'files'
    ? openFiles(resolve(place.directory), origin)
    : openDatabase(place.url, origin, warn);
}

async function openDatabase(url: string, origin: string, warn: Warn): Promise<Destination> {
  const building = await openBuildingCollections(url, { origin, isResumable: true, warn });
  return {
    ...building,
    isWritten: false,
    finish: async (historyId, check) => {
      const store = await openMongoStore(url, { isBeingFilled: true });
      await check(store).finally(() => store.close());
      await building.complete(historyId);
    },
  };
}

async function openFiles(directory: string, origin: string): Promise<Destination> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const unlock = lockedBy(directory);
  try {
    const path = join(directory, MIGRATING_DIRECTORY);
    const isBegun = existsSync(join(path, DATABASE_FILE));
    const taken = databaseFilesIn(directory);
    if (!isBegun && taken.length > 0) {
      // Killed between its last two steps.
      if (existsSync(path) && taken.includes(DATABASE_FILE)) rmSync(path, { recursive: true });
      throw new MigrationError(
        `The data directory ${directory} is not empty (${taken.join(', ')}). Nothing in it was changed. Name another directory.`,
      );
    }
    const building = new BuildingDatabase(path);
    const former = building.progress;
    if (former !== null && former.origin !== '' && former.origin !== origin) {
      building.close();
      throw new MigrationError(
        `Another migration into ${directory} was begun and not completed. Nothing was changed. Run that one to its end, or delete ${path}.`,
      );
    }
    return destinationOf(building, path, directory, origin, unlock);
  } catch (error) {
    unlock();
    throw error;
  }
}

function destinationOf(
  building: BuildingDatabase,
  path: string,
  directory: string,
  origin: string,
  unlock: () => void,
): Destination {
  const former = building.progress;
  let isOpen = true;
  const close = (): void => {
    if (isOpen) building.close();
    isOpen = false;
  };
  return {
    place: former === null || former.place === '' ? null : former.place,
    isWritten: former === null,
    write: async (...page) => building.write(...page),
    reached: async (place) => building.reached(origin, place),
    source: () => building.source(),
    finish: async (historyId, check) => {
      if (building.progress !== null) building.complete(historyId);
      close();
      const store = await openSqliteStore(path);
      await check(store).finally(() => store.close());
      putInPlace(path, directory);
    },
    close: async () => {
      close();
      unlock();
    },
  };
}

function lockedBy(directory: string): () => void {
  try {
    return lockDirectory(directory);
  } catch (error) {
    throw new MigrationError(`The data directory ${directory} is in use by a running Concord server, or another migration.`, { cause: error }); // prettier-ignore
  }
}
