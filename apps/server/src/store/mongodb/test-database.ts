/** Databases for tests, at the server of CONCORD_TEST_MONGODB_URL, which `node scripts/mongodb.mjs` starts. */
import { randomUUID } from 'node:crypto';
import { MongoClient, type Db } from 'mongodb';
import { afterAll, beforeAll } from 'vitest';
import type { Store } from '../ports/store.ts';
import { openMongoStore } from './mongo-store.ts';
import { plans } from './schema.ts';

/** Null when there is no server: tests that need one are skipped. */
export const testServerUrl = process.env['CONCORD_TEST_MONGODB_URL'] ?? null;

/** The address of a database of the server. */
export function urlOf(database: string, serverUrl = testServerUrl ?? ''): string {
  return serverUrl.replace(/^(mongodb(?:\+srv)?:\/\/[^/?]+)\/?[^?]*/, `$1/${database}`);
}

/** Names the connections of a store, so that a fail point of the server strikes no others. */
function named(url: string, appName: string | null): string {
  return appName === null ? url : `${url}${url.includes('?') ? '&' : '?'}appName=${appName}`;
}

/** Rows of `meta` that a database has from its beginning. */
const lasting = ['schema', 'schemaLock'] as never[];

export interface TestPlaces {
  /** The database of a place; a place that is new begins empty. */
  readonly open: (place: string) => Promise<Store>;
  readonly db: (place: string) => Db;
}

/**
 * Places of a test file, which are dropped after it. They follow one another in the same database, which is emptied
 * between them, because making collections and indexes takes longer than a test; one that ends in `-other` is beside it.
 * @param appName of the connections of the stores, for fail points (test-faults.ts)
 */
export function testPlaces(appName: string | null = null): TestPlaces {
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
      return openMongoStore(named(urlOf(name), appName));
    },
  };
}

/** Only of what has rows, which one question tells: most tests fill a few collections of many. */
async function emptied(db: Db): Promise<void> {
  const first = (name: string) => [
    { $limit: 1 },
    { $project: { _id: 0, name: { $literal: name } } },
  ];
  const others = Object.keys(plans).filter((name) => name !== 'meta');
  const filled = await db
    .collection('meta')
    .aggregate<{ name: string }>([
      { $match: { _id: { $nin: lasting } } },
      ...first('meta'),
      ...others.map((coll) => ({ $unionWith: { coll, pipeline: first(coll) } })),
    ])
    .toArray();
  for (const { name } of filled) await db.collection(name).deleteMany({ _id: { $nin: lasting } });
}
