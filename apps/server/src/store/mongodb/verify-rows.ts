/** Checks of `concord verify` in a database, in addition to those of each document by the store port. */
import type { DocumentId } from '@concord/protocol';
import type { Collection, Document } from 'mongodb';
import { lastOfEach } from '../transfer/batch-records.ts';
import { batchIn } from './batch-rows.ts';
import { collectionsOf, decided, type BatchRow, type Collections } from './collections.ts';
import { connect } from './connect.ts';

export interface RowChecks {
  /** Rows that belong to nothing, one sentence for each document or person. */
  strayRows(): AsyncIterable<string>;
  /** Fields of the batches of a document that differ from what their payload says. Throws for a damaged payload. */
  batchFaults(documentId: DocumentId): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** What a row refers to by a field. */
interface Reference {
  readonly collection: keyof Collections;
  readonly field: string;
  readonly to: 'documents' | 'accounts';
  readonly filter?: Document;
}

/** `personal` and `usage` are not among them: a write beside a purge can leave such a row, which nothing reads. */
const references: readonly Reference[] = [
  { collection: 'batches', field: 'documentId', to: 'documents', filter: { isRemoved: false } },
  { collection: 'checkpoints', field: 'documentId', to: 'documents' },
  { collection: 'shareLinks', field: 'documentId', to: 'documents' },
  { collection: 'linkOpenings', field: 'documentId', to: 'documents' },
  { collection: 'documentInvitations', field: 'documentId', to: 'documents' },
  { collection: 'authSessions', field: 'userId', to: 'accounts' },
  { collection: 'apiTokens', field: 'userId', to: 'accounts' },
];

/** Over a client of its own. Rejects with DatabaseOpenError. */
export async function openRowChecks(url: string): Promise<RowChecks> {
  const { client, db } = await connect(url, () => {});
  const rows = collectionsOf(db);
  return {
    strayRows: async function* () {
      for (const reference of references) yield* strayRowsOf(rows, reference);
    },
    batchFaults: (documentId) => batchFaults(rows, documentId),
    close: () => client.close(),
  };
}

/** One query for each document or person, by the index: rows are not read one by one. */
async function* strayRowsOf(rows: Collections, reference: Reference): AsyncGenerator<string> {
  const { collection, field, to, filter = {} } = reference;
  const table = rows[collection] as unknown as Collection<Document>;
  const parents = rows[to] as unknown as Collection<Document>;
  for (let last = ''; ;) {
    const row = await table.findOne(
      { ...filter, [field]: { $gt: last } },
      { ...decided, sort: { [field]: 1 }, projection: { [field]: 1 } },
    );
    if (row === null) return;
    last = String(row[field]);
    const isParent = { _id: last as never };
    if ((await parents.findOne(isParent, { ...decided, projection: { _id: 1 } })) !== null)
      continue;
    // Deleted between the two reads, its rows are gone by now or soon.
    const count = await table.countDocuments({ ...filter, [field]: last });
    const isPurging = to === 'documents' && (await isBeingPurged(rows, last as DocumentId));
    if (count > 0 && !isPurging) {
      const what = to === 'documents' ? 'document' : 'account';
      yield `${count} rows of ${collection} are of ${what} ${last}, which does not exist.`;
    }
  }
}

async function isBeingPurged({ batches }: Collections, documentId: DocumentId): Promise<boolean> {
  return (await batches.findOne({ documentId, isPurging: true }, decided)) !== null;
}

async function batchFaults(
  { batches }: Collections,
  documentId: DocumentId,
): Promise<readonly string[]> {
  const faults: string[] = [];
  const found = batches.find(
    { documentId, isRemoved: false },
    { ...decided, sort: { firstVersion: 1 }, batchSize: 100 },
  );
  for await (const row of found) {
    const batch = batchIn(row);
    const where = `Versions ${row.firstVersion} to ${row.lastVersion}`;
    if ((batch.epoch ?? 0) !== row.epoch) {
      faults.push(`${where}: the row says epoch ${row.epoch}, the batch ${batch.epoch ?? 0}.`);
    }
    if (clientsIn(row) !== clientsOf(batch)) {
      faults.push(`${where}: the row names other clients than the batch.`);
    }
  }
  return faults;
}

const clientsIn = ({ clients }: BatchRow): string =>
  listed(clients.map(({ clientId, author, seq, version }) => [clientId, author, seq, version]));

const clientsOf = (batch: Parameters<typeof lastOfEach>[0]): string =>
  listed(lastOfEach(batch).map(({ operation: { clientId, author, seq }, version }) => [clientId, author, seq, version])); // prettier-ignore

const listed = (clients: readonly unknown[]): string =>
  clients.map((client) => JSON.stringify(client)).sort().join(); // prettier-ignore
