/** Fills the collections of a database with the records of a transfer. */
import { MongoBulkWriteError, type Collection, type Document } from 'mongodb';
import type { RecordOf, SectionName, TransferTarget } from '../../ports/transfer-store.ts';
import { idOf } from '../../transfer/batch-records.ts';
import { tombstone } from '../batch-rows.ts';
import type { Collections } from '../collections.ts';
import { isDuplicateKey, isOutcomeUnknown, translated } from '../errors.ts';
import { backoff } from '../work.ts';
import { collectionSections, rowsOf } from './transfer-rows.ts';

const ATTEMPTS = 20;

export function mongoTarget(rows: Collections): TransferTarget {
  return {
    write: async (section, records) => {
      if (records.length === 0) return;
      await patiently(() => write(rows, section, records));
    },
  };
}

/** Runs an idempotent write again while the database changes its primary, or does not answer. */
export async function patiently<A>(write: () => Promise<A>): Promise<A> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await write();
    } catch (error) {
      if (attempt >= ATTEMPTS || !isOutcomeUnknown(error)) throw translated(error);
      await backoff(attempt);
    }
  }
}

async function write<S extends SectionName>(
  rows: Collections,
  section: S,
  records: readonly RecordOf<S>[],
): Promise<void> {
  if (section === 'removedDocuments') {
    return removeDocuments(rows, records as readonly RecordOf<'removedDocuments'>[]);
  }
  if (section === 'formerAccounts') {
    await removeAccounts(rows, records as readonly RecordOf<'formerAccounts'>[]);
  }
  const { collection, documentField } = collectionSections[section];
  const all = rowsOf(section, records);
  const known = documentField === undefined ? all : await ofKnownDocuments(rows, all);
  await insertMissing(rows[collection] as unknown as Collection<Document>, known);
}

/** Rows whose keys are taken are there already. That they are the same is compared in the end. */
async function insertMissing(
  table: Collection<Document>,
  rows: readonly Document[],
): Promise<void> {
  if (rows.length === 0) return;
  try {
    await table.insertMany([...rows], { ordered: false });
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError)) {
      if (isDuplicateKey(error)) return;
      throw error;
    }
    const failed = [error.writeErrors].flat();
    const isTaken = failed.length > 0 && failed.every(({ code }) => code === DUPLICATE_KEY);
    if (!isTaken || error.result.getWriteConcernError() !== undefined) throw error;
  }
}
const DUPLICATE_KEY = 11_000;

async function ofKnownDocuments(
  { documents }: Collections,
  rows: readonly Document[],
): Promise<readonly Document[]> {
  const ids = [...new Set(rows.map((row) => idOf(String(row['documentId']))))];
  const there = await documents.find({ _id: { $in: ids } }, { projection: { _id: 1 } }).toArray();
  const existing = new Set<unknown>(there.map(({ _id }) => _id));
  return rows.filter((row) => existing.has(row['documentId']));
}

async function removeAccounts(
  rows: Collections,
  records: readonly RecordOf<'formerAccounts'>[],
): Promise<void> {
  const userIds = records.map(({ userId }) => userId);
  await rows.accounts.deleteMany({ _id: { $in: userIds } });
  await rows.authSessions.deleteMany({ userId: { $in: userIds } });
  await rows.apiTokens.deleteMany({ userId: { $in: userIds } });
}

async function removeDocuments(
  rows: Collections,
  records: readonly RecordOf<'removedDocuments'>[],
): Promise<void> {
  const ids = records.map(({ documentId }) => idOf(documentId));
  const ofThese = { documentId: { $in: ids } };
  await rows.documents.deleteMany({ _id: { $in: ids } });
  await rows.batches.deleteMany({ ...ofThese, isRemoved: false });
  await rows.checkpoints.deleteMany(ofThese);
  await rows.shareLinks.deleteMany(ofThese);
  await rows.linkOpenings.deleteMany(ofThese);
  await rows.documentInvitations.deleteMany(ofThese);
  await rows.personal.deleteMany(ofThese);
  await rows.usage.deleteMany(ofThese);
  const stones = ids.map((id) => ({ ...tombstone(id, 0, 0), isPurging: false }));
  await insertMissing(rows.batches as unknown as Collection<Document>, stones);
}
