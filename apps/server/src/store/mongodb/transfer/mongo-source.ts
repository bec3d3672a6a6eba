/** Reads everything of a database for a transfer. */
import { MongoServerError, type Collection, type Document } from 'mongodb';
import {
  keyOfRecord,
  PAGE_BYTES,
  PAGE_RECORDS,
  type RecordKey,
  type RecordOf,
  type SectionName,
  type TransferSource,
} from '../../ports/transfer-store.ts';
import { decided, type Collections } from '../collections.ts';
import { translated } from '../errors.ts';
import type { Transaction } from '../work.ts';
import { collectionSections } from './transfer-rows.ts';

/**
 * @param tx a session that reads one snapshot. Without it each page is read as a majority has it then: a document's log
 *   is read up to where it ends, so that it is a prefix of what it becomes, and other records are as they were at some
 *   moment of the copy
 */
export function mongoSource(
  rows: Collections,
  historyId: string,
  tx: Transaction | null = null,
): TransferSource {
  const reading = tx ?? decided;
  return {
    historyId,
    async *pages<S extends SectionName>(section: S, after: RecordKey | null) {
      for (let last = after; ;) {
        const page = await pageOf(rows, section, last, reading).catch((error: unknown) => {
          throw isSnapshotLost(error) ? new SnapshotLostError(error) : translated(error);
        });
        if (page.records.length > 0) yield page.records;
        if (page.last === null) return;
        last = page.last;
      }
    },
  };
}

/** The server does not keep the snapshot any longer: all has to be read again. */
export class SnapshotLostError extends Error {
  constructor(cause: unknown) {
    super('The database does not keep the snapshot that was read any longer.', { cause });
  }
}

/** SnapshotTooOld and SnapshotUnavailable. */
const isSnapshotLost = (error: unknown): boolean =>
  error instanceof MongoServerError && (error.code === 239 || error.code === 246);

interface Page<S extends SectionName> {
  readonly records: readonly RecordOf<S>[];
  /** Null at the end. */
  readonly last: RecordKey | null;
}

type Reading = Transaction | typeof decided;

async function pageOf<S extends SectionName>(
  rows: Collections,
  section: S,
  last: RecordKey | null,
  reading: Reading,
): Promise<Page<S>> {
  const { collection, order, filter = {}, record, documentField } = collectionSections[section];
  if (order.length === 0 && last !== null) return { records: [], last: null };
  const table = rows[collection] as unknown as Collection<Document>;
  const sort = Object.fromEntries(order.map((field) => [field, 1 as const]));
  const cursor = table.find(
    { $and: [filter, ...(last === null ? [] : [behind(order, last)])] },
    { ...reading, ...(order.length === 0 ? {} : { sort }), limit: PAGE_RECORDS, batchSize: 100 },
  );
  const found: Document[] = [];
  let bytes = 0;
  try {
    for await (const row of cursor) {
      found.push(row);
      bytes += sizeOf(row);
      if (bytes > PAGE_BYTES) break;
    }
  } finally {
    await cursor.close();
  }
  const newest = found.at(-1);
  if (newest === undefined) return { records: [], last: null };
  const kept = documentField === undefined ? found : await ofDocuments(rows, found, documentField, reading); // prettier-ignore
  const end = keyOfRecord(section, record(newest));
  return { records: kept.map((row) => record(row)), last: end };
}

/** Rows behind a key, in the order of its fields. */
function behind(order: readonly string[], key: RecordKey): Document {
  const [field = '', ...rest] = order;
  const [value, ...others] = key;
  if (rest.length === 0) return { [field]: { $gt: value } };
  // The bound by itself lets the server begin there in the index.
  return {
    [field]: { $gte: value },
    $or: [{ [field]: { $gt: value } }, { [field]: value, ...behind(rest, others) }],
  };
}

function sizeOf(row: Document): number {
  let bytes = 200;
  for (const name of ['payload', 'compressedText']) {
    bytes += (row[name] as { readonly length?: number } | undefined)?.length ?? 0;
  }
  return bytes;
}

/** Those whose document exists: a purge, or a write beside one, can leave others. */
async function ofDocuments(
  rows: Collections,
  found: readonly Document[],
  field: string,
  reading: Reading,
): Promise<readonly Document[]> {
  const ids = [...new Set(found.map((row) => row[field] as never))];
  const there = await rows.documents
    .find({ _id: { $in: ids } }, { ...reading, projection: { _id: 1 } })
    .toArray();
  const existing = new Set<unknown>(there.map(({ _id }) => _id));
  return found.filter((row) => existing.has(row[field]));
}
