/** Documents and the names of people, in memory. */
import { RENAMES_KNOWN, type AnyoneAccess, type DocumentId } from '@concord/protocol';
import { renamed, type Rename, type VersionedTitle } from '../core/rename.ts';
import { compareText } from '../../platform/core/text-order.ts';
import {
  DuplicateDocumentError,
  type DocumentRecord,
  type DocumentRepository,
  type FirstText,
  type PersonRepository,
} from '../ports/store.ts';
import type { Boundary } from './boundary.ts';
import { setPersonal } from './library.ts';
import { append } from './log.ts';
import type { MemoryState } from './memory-state.ts';

export function documents(
  state: MemoryState,
  { read, write, writeKeeping }: Boundary,
): DocumentRepository {
  return {
    createWithText: (first, kept) =>
      writeKeeping('documents.createWithText', (own) => createWithText(state, own), [first], kept),
    get: read((id) => state.documents.get(id)?.stored ?? null),
    ids: read(() => [...state.documents.keys()].sort(compareText)),
    rename: write('documents.rename', (id, given, updatedAt) =>
      rename(state, id, given, updatedAt),
    ),
    setTrashed: (id, at, kept) => {
      const change = (trashedAt: number | null): void =>
        state.changeDocument(id, ({ epoch }) => ({ trashedAt, epoch: epoch + 1 }));
      return writeKeeping('documents.setTrashed', change, [at], kept);
    },
    remove: (id, kept) =>
      writeKeeping('documents.remove', (own) => removeDocument(state, own), [id], kept),
    trashedBefore: read((at, limit) =>
      state.documents
        .values()
        .flatMap(({ stored: { id }, trashedAt }) => (trashedAt === null ? [] : [{ id, trashedAt }]))
        .filter(({ trashedAt }) => trashedAt < at)
        .sort((one, other) => one.trashedAt - other.trashedAt)
        .slice(0, limit)
        .map(({ id }) => id),
    ),
  };
}

export function people(state: MemoryState, { read, write }: Boundary): PersonRepository {
  return {
    nameOf: read((userId) => state.names.get(userId) ?? null),
    namesOf: read(
      (userIds) =>
        new Map(
          userIds.map((userId) => [
            userId,
            {
              name: state.names.get(userId) ?? null,
              userName: state.accounts.get(userId)?.userName ?? null,
            },
          ]),
        ),
    ),
    setName: write('people.setName', (userId, name) => state.names.set(userId, name)),
  };
}

function create(state: MemoryState, record: DocumentRecord, anyone: AnyoneAccess): void {
  const { id, title, createdBy, createdAt, updatedAt } = record;
  if (state.documents.has(id) || state.removedDocuments.has(id)) {
    throw new DuplicateDocumentError(`Document ${id} exists already.`);
  }
  state.documents.set(id, {
    stored: { id, title, titleVersion: 0, createdBy, createdAt, updatedAt },
    anyone,
    epoch: 1,
    trashedAt: null,
    people: new Map([[createdBy, 'owner']]),
    personal: new Map(),
    renames: [],
    usage: new Map(),
  });
}

function createWithText(
  state: MemoryState,
  { record, anyone, operations, folder }: FirstText,
): void {
  create(state, record, anyone);
  const { id, createdBy } = record;
  if (operations.length > 0) append(state, { documentId: id, firstVersion: 1, operations });
  if (folder !== '') setPersonal(state, createdBy, id, { folder });
}

function rename(
  state: MemoryState,
  id: DocumentId,
  given: Rename,
  updatedAt: number,
): VersionedTitle | null {
  const row = state.documents.get(id);
  if (row === undefined) return null;
  const { title, titleVersion } = row.stored;
  const { renameId } = given;
  const isKnown = row.renames.some((known) => known.renameId === renameId);
  const after = renamed({ title, titleVersion }, given, isKnown);
  if (after.titleVersion === titleVersion) return after;
  const renames = [
    ...row.renames,
    ...(renameId === null ? [] : [{ renameId, titleVersion: after.titleVersion }]),
  ].filter((known) => known.titleVersion > after.titleVersion - RENAMES_KNOWN);
  state.documents.set(id, { ...row, stored: { ...row.stored, ...after, updatedAt }, renames });
  return after;
}

/** Within a write. Purges the document and leaves a tombstone; an unknown id stays free. */
export function removeDocument(state: MemoryState, id: DocumentId): void {
  const tables = [state.documents, state.logs, state.ownerEpochs, state.checkpoints];
  const isKnown = tables.some((table) => table.has(id));
  if (!isKnown) return;
  for (const table of [...tables, state.indexedTexts]) table.delete(id);
  state.links.deleteWhere(({ record }) => record.documentId === id);
  state.documentInvitations.deleteWhere(({ record }) => record.documentId === id);
  state.removedDocuments.set(id, true);
}
