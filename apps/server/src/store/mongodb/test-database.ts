/** Databases for tests, at the server of CONCORD_TEST_MONGODB_URL. */
import { randomUUID } from 'node:crypto';
import { MongoClient, type Db } from 'mongodb';
import { afterAll, beforeAll } from 'vitest';
import type { Store } from '../ports/store.ts';
import { openMongoStore } from './mongo-store.ts';

/** Null when there is no server: tests that need one are skipped, and a line says so. */
export const testServerUrl = process.env['CONCORD_TEST_MONGODB_URL'] ?? null;

if (testServerUrl === null) {
  process.stderr.write(
    '\n*** NOT TESTED: the MongoDB store. Set CONCORD_TEST_MONGODB_URL to a server for tests (mongodb://127.0.0.1:27017/?replicaSet=rs0). ***\n\n',
  );
}

/** The address of a database of the server. */
export function urlOf(database: string, serverUrl = testServerUrl ?? ''): string {
  return serverUrl.replace(/^(mongodb(?:\+srv)?:\/\/[^/?]+)\/?[^?]*/, `$1/${database}`);
}

export interface TestPlaces {
  /** The database of a place; a place that is new begins empty. */
  readonly open: (place: string) => Promise<Store>;
  readonly db: (place: string) => Db;
}

/**
 * Places of a test file, which are dropped after it. They follow one another in the same database, which is emptied
 * between them, because making collections and indexes takes longer than a test; one that ends in `-other` is beside it.
 */
export function testPlaces(): TestPlaces {
  const prefix = `concord-test-${randomUUID().slice(0, 8)}`;
  const used = new Set<string>();
  let latest = '';
  let client: MongoClient;
  beforeAll(() => {
    client = new MongoClient(testServerUrl ?? '');
  });
  afterAll(async () => {
    for (const name of used) await client.db(name).dropDatabase();
    await client.close();
  });
  const nameOf = (place: string): string =>
    place.endsWith('-other') ? `${prefix}-other` : `${prefix}-main`;
  return {
    db: (place) => client.db(nameOf(place)),
    open: async (place) => {
      const name = nameOf(place);
      if (used.has(name) && place !== latest) await emptied(client.db(name));
      used.add(name);
      if (!place.endsWith('-other')) latest = place;
      return openMongoStore(urlOf(name));
    },
  };
}

async function emptied(db: Db): Promise<void> {
  for (const { name } of await db.listCollections({}, { nameOnly: true }).toArray()) {
    const kept =
      name === 'meta' ? { _id: { $nin: ['schema' as never, 'schemaLock' as never] } } : {};
    await db.collection(name).deleteMany(kept);
  }
}
