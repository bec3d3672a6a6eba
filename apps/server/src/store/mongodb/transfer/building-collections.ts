/**
 * A database that is being filled by a transfer. A row of `meta` says so from before the first record until everything
 * is there and was compared; servers refuse the database as long as it stands.
 */
import type { Collection, Document } from 'mongodb';
import type { TransferSource, TransferTarget } from '../../ports/transfer-store.ts';
import { collectionsOf, decided, type Collections } from '../collections.ts';
import { connect, openErrorOf } from '../connect.ts';
import { DatabaseOpenError } from '../database-open-error.ts';
import { migrate } from '../migrate.ts';
import { mongoSource } from './mongo-source.ts';
import { mongoTarget, patiently } from './mongo-target.ts';

const TRANSFER = 'transfer' as const;
/** What a database has before anything was stored. */
const WITHOUT_DATA: readonly string[] = ['schema', 'schemaLock'];

export interface BuildingCollections extends TransferTarget {
  /** How far a former attempt of the same origin got; null for a new one. */
  readonly place: string | null;
  reached(place: string): Promise<void>;
  source(): TransferSource;
  /** Everything is there: the history gets its id, and servers may use the database. */
  complete(historyId: string): Promise<void>;
  /** Deletes all that was written, as if there had been no attempt. */
  abandon(): Promise<void>;
  close(): Promise<void>;
}

export interface BuildingOptions {
  /** Names what is copied. An attempt of the same origin goes on, if it may; one of another is refused. */
  readonly origin: string;
  readonly isResumable: boolean;
  readonly warn: (message: string) => void;
}

/** Rejects with {@link DatabaseOpenError} when the database is not empty, or another transfer into it was begun. */
export async function openBuildingCollections(
  url: string,
  { origin, isResumable, warn }: BuildingOptions,
): Promise<BuildingCollections> {
  const { client, db } = await connect(url, warn);
  const rows = collectionsOf(db);
  let place: string | null;
  try {
    place = await begin(rows, origin, isResumable);
    await migrate(db, rows);
  } catch (error) {
    await client.close().catch(() => {});
    throw openErrorOf(error, client.options.hosts.map(String).join(', '));
  }
  return {
    ...mongoTarget(rows),
    place,
    reached: (reached) =>
      patiently(async () => {
        await rows.meta.updateOne({ _id: TRANSFER }, { $set: { place: reached } });
      }),
    source: () => mongoSource(rows, ''),
    complete: async (historyId) => {
      const history = { $set: { id: historyId } };
      await patiently(() => rows.meta.updateOne({ _id: 'history' }, history, { upsert: true }));
      await patiently(() => rows.meta.deleteOne({ _id: TRANSFER }));
    },
    abandon: async () => {
      await clear(rows);
      await patiently(() => rows.meta.deleteOne({ _id: TRANSFER }));
    },
    close: () => client.close(),
  };
}

/** Resolves to how far a former attempt got. */
async function begin(
  rows: Collections,
  origin: string,
  isResumable: boolean,
): Promise<string | null> {
  const former = await rows.meta.findOne({ _id: TRANSFER }, decided);
  if (former === null) {
    await requireEmpty(rows);
    await rows.meta.insertOne({ _id: TRANSFER, origin });
    return null;
  }
  if (former.origin === origin && isResumable) return former.place ?? null;
  if (former.origin !== origin) {
    throw new DatabaseOpenError(
      'databaseIncomplete',
      'Another transfer into this database was begun and not completed. Nothing was changed. ' +
        'Run that one to its end, or drop the database and start again.',
    );
  }
  await clear(rows);
  return null;
}

async function requireEmpty(rows: Collections): Promise<void> {
  const taken: string[] = [];
  for (const [name, collection] of Object.entries(rows) as [string, Collection<Document>][]) {
    const filter = name === 'meta' ? { _id: { $nin: WITHOUT_DATA as never[] } } : {};
    if ((await collection.findOne(filter, { projection: { _id: 1 } })) !== null) taken.push(name);
  }
  if (taken.length === 0) return;
  throw new DatabaseOpenError(
    'databaseNotEmpty',
    `The database is not empty (${taken.join(', ')}). Nothing was changed. ` +
      'Name another database in its address, or drop this one if nothing in it is needed.',
  );
}

async function clear(rows: Collections): Promise<void> {
  for (const [name, collection] of Object.entries(rows) as [string, Collection<Document>][]) {
    const kept = name === 'meta' ? { _id: { $nin: [...WITHOUT_DATA, TRANSFER] as never[] } } : {};
    await patiently(() => collection.deleteMany(kept));
  }
}

/** Rejects with {@link DatabaseOpenError} while a transfer into the database is not complete. */
export async function requireComplete({ meta }: Collections): Promise<void> {
  if ((await meta.findOne({ _id: TRANSFER }, decided)) === null) return;
  throw new DatabaseOpenError(
    'databaseIncomplete',
    'Documents are being moved into this database, and not all are there yet. Run the interrupted concord migrate or ' +
      'concord restore again: it goes on, or starts again by itself. To give it up, drop the database.',
  );
}
