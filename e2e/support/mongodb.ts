/** The server of CONCORD_TEST_MONGODB_URL, which `node scripts/mongodb.mjs` starts, for tests of processes. */
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';

/** Null when there is none: tests that need one are skipped. */
export const mongoServer = process.env['CONCORD_TEST_MONGODB_URL'] ?? null;

/** What is used of the driver, which is a dependency of the server alone. */
interface Driver {
  readonly MongoClient: new (url: string) => {
    db(name: string): { dropDatabase(): Promise<unknown> };
    close(): Promise<void>;
  };
}

export interface MongoDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** A database with a name of its own, which is made when it is used. */
export function mongoDatabase(): MongoDatabase {
  const name = `concord-test-${randomUUID().slice(0, 8)}`;
  const server = mongoServer ?? '';
  return {
    url: server.replace(/^(mongodb(?:\+srv)?:\/\/[^/?]+)\/?[^?]*/, `$1/${name}`),
    drop: async () => {
      const require = createRequire(new URL('../../apps/server/package.json', import.meta.url));
      const { MongoClient } = require('mongodb') as Driver;
      const client = new MongoClient(server);
      await client.db(name).dropDatabase();
      await client.close();
    },
  };
}
