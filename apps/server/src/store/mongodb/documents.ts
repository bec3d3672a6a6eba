/** Documents and the names of people, in MongoDB. */
import { RENAMES_KNOWN, type DocumentId } from '@concord/protocol';
import { renamed, type Rename, type VersionedTitle } from '../core/rename.ts';
import {
  DuplicateDocumentError,
  type DocumentRepository,
  type FirstText,
  type PersonRepository,
  type StoredDocument,
} from '../ports/store.ts';
import { requireNext, tailOf, type Appends } from './append.ts';
import { batchRow } from './batch-rows.ts';
import { decided, keyOf, type Collections, type DocumentRow } from './collections.ts';
import { queues, type Core } from './core.ts';
import { keeping } from './kept-answers.ts';
import { purge, removeDocuments } from './purge.ts';
import type { Transaction } from './work.ts';

export function storedIn(row: DocumentRow): StoredDocument {
  const { _id: id, title, titleVersion, createdBy, createdAt, updatedAt } = row;
  return { id, title, titleVersion, createdBy, createdAt, updatedAt };
}

export function documents(core: Core, appends: Appends): DocumentRepository {
  const { rows, work, changeTimes } = core;
  return {
    createWithText: (first, kept) => {
      const { id } = first.record;
      return keeping(core, queues.log(id), kept, async (tx) => {
        appends.forget(id);
        await createWithText(rows, first, tx);
      });
    },
    get: (id) =>
      work.read(async () => {
        await changeTimes.flush();
        const row = await rows.documents.findOne({ _id: id });
        return row === null ? null : storedIn(row);
      }),
    ids: () =>
      work.read(async () => {
        const all = await rows.documents
          .find({}, { ...decided, sort: { _id: 1 }, projection: { _id: 1 } })
          .toArray();
        return all.map(({ _id }) => _id);
      }),
    rename: (id, given, updatedAt) =>
      work.write(queues.document(id), async () => {
        // The time of an earlier change must not come after that of this one.
        await changeTimes.flush();
        return rename(rows, id, given, updatedAt);
      }),
    setTrashed: (id, at, kept) =>
      keeping(core, queues.document(id), kept, async (tx) => {
        await rows.documents.updateOne(
          { _id: id },
          { $set: { trashedAt: at }, $inc: { accessEpoch: 1 } },
          tx,
        );
      }),
    remove: async (id, kept) => {
      const removing = (tx: Transaction) => {
        appends.forget(id);
        return removeDocuments(rows, [id], tx);
      };
      await keeping(core, queues.log(id), kept, removing, (removed) => purge(rows, removed));
    },
    trashedBefore: (at, limit) =>
      work.read(async () => {
        const found = await rows.documents
          .find(
            { trashedAt: { $gte: 0, $lt: at } },
            { ...decided, sort: { trashedAt: 1 }, limit, projection: { _id: 1 } },
          )
          .toArray();
        return found.map(({ _id }) => _id);
      }),
  };
}

async function createWithText(
  rows: Collections,
  { record, anyone, operations, folder }: FirstText,
  tx: Transaction,
): Promise<void> {
  const { id, title, createdBy, createdAt } = record;
  const tail = await tailOf(rows, id, tx);
  const isTaken = await rows.documents.findOne({ _id: id }, { ...tx, projection: { _id: 1 } });
  if (tail.isRemoved || isTaken !== null) {
    throw new DuplicateDocumentError(`Document ${id} exists already.`);
  }
  await rows.documents.insertOne(
    {
      _id: id,
      title,
      titleVersion: 0,
      createdBy,
      createdAt,
      updatedAt: operations.at(-1)?.at ?? record.updatedAt,
      anyone,
      accessEpoch: 1,
      trashedAt: null,
      people: [{ userId: createdBy, role: 'owner' }],
      renames: [],
    },
    tx,
  );
  if (operations.length > 0) {
    const batch = { documentId: id, firstVersion: 1, operations };
    requireNext(tail, batch);
    await rows.batches.insertOne(batchRow(batch), tx);
  }
  if (folder === '') return;
  const _id = keyOf(id, createdBy);
  await rows.personal.insertOne({ _id, documentId: id, userId: createdBy, folder }, tx);
}

/** One conditional update, on the version of the title that it was computed from. */
async function rename(
  { documents: table }: Collections,
  id: DocumentId,
  given: Rename,
  updatedAt: number,
): Promise<VersionedTitle | null> {
  for (;;) {
    const row = await table.findOne({ _id: id }, decided);
    if (row === null) return null;
    const { title, titleVersion, renames } = row;
    const { renameId } = given;
    const isKnown = renames.some((known) => known.renameId === renameId);
    const after = renamed({ title, titleVersion }, given, isKnown);
    if (after.titleVersion === titleVersion) return after;
    const added = renameId === null ? [] : [{ renameId, titleVersion: after.titleVersion }];
    const kept = [...renames, ...added].filter(
      (known) => known.titleVersion > after.titleVersion - RENAMES_KNOWN,
    );
    const { matchedCount } = await table.updateOne(
      { _id: id, titleVersion },
      {
        $set: { title: after.title, titleVersion: after.titleVersion, updatedAt, renames: kept },
      },
    );
    if (matchedCount === 1) return after;
  }
}

export function people({ rows, work }: Core): PersonRepository {
  return {
    nameOf: (userId) =>
      work.read(async () => (await rows.people.findOne({ _id: userId }))?.name ?? null),
    namesOf: (userIds) =>
      work.read(async () => {
        const among = { _id: { $in: [...userIds] } };
        const [named, accounts] = await Promise.all([
          rows.people.find(among).toArray(),
          rows.accounts.find(among, { projection: { userName: 1 } }).toArray(),
        ]);
        const names = new Map(named.map(({ _id, name }) => [_id, name]));
        const userNames = new Map(accounts.map(({ _id, userName }) => [_id, userName]));
        return new Map(
          userIds.map((userId) => [
            userId,
            { name: names.get(userId) ?? null, userName: userNames.get(userId) ?? null },
          ]),
        );
      }),
    setName: (userId, name) =>
      work.write(queues.person(userId), async () => {
        await rows.people.updateOne({ _id: userId }, { $set: { name } }, { upsert: true });
      }),
  };
}
