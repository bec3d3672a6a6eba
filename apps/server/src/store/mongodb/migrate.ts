/**
 * Brings a database to the schema of this program, before anything else uses it, under a lock: servers that start at
 * once do it one after another. The lock is a lease by the clock of the database, so that it ends with its holder.
 */
import { randomUUID } from 'node:crypto';
import type { Db } from 'mongodb';
import { decided, durable, type Collections } from './collections.ts';
import { DatabaseOpenError } from './database-open-error.ts';
import { isDuplicateKey } from './errors.ts';
import { plans, SCHEMA_VERSION } from './schema.ts';
import { backoff } from './work.ts';

const LOCK = 'schemaLock' as const;
const LOCK_MS = 60_000;
const WAIT_MS = 120_000;
const NAMESPACE_EXISTS = 48;

/** Steps from version n to n + 1, by n, where making what is missing is not enough. The schema of a new database needs none. */
const migrations: Readonly<Record<number, (db: Db) => Promise<void>>> = {};

/** Rejects with {@link DatabaseOpenError} for a database of a newer version. */
export async function migrate(db: Db, rows: Collections): Promise<void> {
  if ((await versionOf(rows)) === SCHEMA_VERSION && (await isComplete(db))) return;
  await locked(rows, async () => {
    const from = await versionOf(rows);
    for (let version = from ?? SCHEMA_VERSION; version < SCHEMA_VERSION; version += 1) {
      await migrations[version]?.(db);
      await setVersion(rows, version + 1);
    }
    await createAll(db);
    await setVersion(rows, SCHEMA_VERSION);
  });
}

/** Null for a new database. Rejects with {@link DatabaseOpenError} for one of a newer version. */
export async function versionOf({ meta }: Collections): Promise<number | null> {
  const version = (await meta.findOne({ _id: 'schema' }, decided))?.version;
  if (version === undefined) return null;
  if (!(version <= SCHEMA_VERSION)) {
    throw new DatabaseOpenError(
      'databaseNewer',
      `The database is of a newer version of Concord (schema ${version}; this one knows ${SCHEMA_VERSION}). ` +
        'Nothing was changed. Start the newer version, or restore a backup made before it was used.',
    );
  }
  return version;
}

async function setVersion({ meta }: Collections, version: number): Promise<void> {
  await meta.updateOne({ _id: 'schema' }, { $set: { version } }, { upsert: true });
}

/** Whether every collection has its indexes, by name. */
async function isComplete(db: Db): Promise<boolean> {
  const collections = await db.listCollections({}, { nameOnly: true }).toArray();
  const present = new Set(collections.map(({ name }) => name));
  if (!Object.keys(plans).every((name) => present.has(name))) return false;
  // One after the other: at once, each would open a connection that is not needed again.
  for (const [name, { indexes }] of Object.entries(plans)) {
    if (indexes.length === 0) continue;
    const names = new Set((await db.collection(name).indexes()).map((index) => index.name));
    if (!indexes.every(({ options }) => names.has(options.name))) return false;
  }
  return true;
}

async function createAll(db: Db): Promise<void> {
  for (const [name, { validator, indexes }] of Object.entries(plans)) {
    const rule = validator === null ? {} : { validator: { $jsonSchema: validator } };
    try {
      await db.createCollection(name, { ...rule, ...durable });
    } catch (error) {
      if ((error as { readonly code?: unknown }).code !== NAMESPACE_EXISTS) throw error;
      if (validator !== null) await db.command({ collMod: name, ...rule });
    }
    for (const { key, options } of indexes) await db.collection(name).createIndex(key, options);
  }
}

async function locked(rows: Collections, work: () => Promise<void>): Promise<void> {
  const holder = randomUUID();
  await waitForLock(rows, holder);
  try {
    await work();
  } finally {
    await rows.meta
      .updateOne({ _id: LOCK, holder }, { $set: { holder: '', until: 0 } })
      .catch(() => {});
  }
}

async function waitForLock({ meta }: Collections, holder: string): Promise<void> {
  const until = Date.now() + WAIT_MS;
  const now = { $toLong: '$$NOW' };
  // The row first, since an upsert cannot compare with the clock of the database.
  await meta.insertOne({ _id: LOCK, holder: '', until: 0 }).catch((error: unknown) => {
    if (!isDuplicateKey(error)) throw error;
  });
  for (let attempt = 1; Date.now() < until; attempt += 1) {
    await meta.updateOne({ _id: LOCK, $expr: { $lt: ['$until', now] } }, [
      { $set: { holder: { $literal: holder }, until: { $add: [now, LOCK_MS] } } },
    ]);
    const lock = await meta.findOne({ _id: LOCK }, decided);
    if (lock?.holder === holder) return;
    await backoff(attempt);
  }
  throw new DatabaseOpenError(
    'databaseLocked',
    'Another server has been bringing the database to this version for two minutes. Start again when it has finished.',
  );
}
