/** Opens a database to read all of it. */
import type { Db, MongoClient } from 'mongodb';
import type { TransferSource } from '../../ports/transfer-store.ts';
import { collectionsOf, decided, type Collections } from '../collections.ts';
import { connect, openErrorOf } from '../connect.ts';
import { DatabaseOpenError } from '../database-open-error.ts';
import { SCHEMA_VERSION } from '../schema.ts';
import { requireComplete } from './building-collections.ts';
import { markDatabaseMoved } from './moved-database.ts';
import { mongoSource } from './mongo-source.ts';

export interface OpenedMongoSource {
  readonly source: TransferSource;
  /** Whether everything is read as it was at one moment. */
  readonly isSnapshot: boolean;
  /** Names of the servers that have a lease (docs/cluster.md). */
  readonly liveServers: readonly string[];
  /** Marks the database as moved: servers refuse it. @param to names no password */
  readonly markMoved: (to: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface MongoSourceOptions {
  /** Whether one snapshot is wanted; a server that has none is read without. */
  readonly isSnapshot: boolean;
  readonly warn: (message: string) => void;
}

/** Rejects with {@link DatabaseOpenError}. Changes nothing in the database, unless told that it was moved. */
export async function openMongoSource(
  url: string,
  { isSnapshot, warn }: MongoSourceOptions,
): Promise<OpenedMongoSource> {
  const { client, db, hasTransactions } = await connect(url, warn);
  try {
    const rows = collectionsOf(db);
    await requireComplete(rows);
    const version = (await rows.meta.findOne({ _id: 'schema' }, decided))?.version;
    const historyId = (await rows.meta.findOne({ _id: 'history' }, decided))?.id;
    if (version === undefined || historyId === undefined) throw notConcord();
    if (version !== SCHEMA_VERSION) throw otherVersion(version);
    const session = isSnapshot && hasTransactions ? await snapshotOf(client, rows) : null;
    return {
      source: mongoSource(rows, historyId, session === null ? null : { session }),
      isSnapshot: session !== null,
      liveServers: await liveServersOf(db),
      markMoved: (to) => markDatabaseMoved(rows, to),
      close: async () => {
        await session?.endSession();
        await client.close();
      },
    };
  } catch (error) {
    await client.close().catch(() => {});
    throw openErrorOf(error, client.options.hosts.map(String).join(', '));
  }
}

async function liveServersOf(db: Db): Promise<readonly string[]> {
  const isLive = { isEnded: false, $expr: { $gt: ['$endsAt', { $toLong: '$$NOW' }] } };
  const leases = await db.collection('leases').find(isLive, decided).toArray();
  return leases.map((lease) => String(lease['node']));
}

/** A session whose reads are all of one moment; null where the server has none. */
async function snapshotOf(client: MongoClient, rows: Collections) {
  const session = client.startSession({ snapshot: true });
  try {
    await rows.documents.findOne({}, { session, projection: { _id: 1 } });
    return session;
  } catch {
    await session.endSession();
    return null;
  }
}

const notConcord = (): DatabaseOpenError =>
  new DatabaseOpenError(
    'databaseAddress',
    'The database has no documents of Concord: it is empty, or of another program. Check its name in the address.',
  );

const otherVersion = (version: number): DatabaseOpenError =>
  new DatabaseOpenError(
    'databaseNewer',
    `The database has schema ${version}, this version of Concord knows ${SCHEMA_VERSION}. ` +
      'Use the version of Concord that serves it.',
  );
