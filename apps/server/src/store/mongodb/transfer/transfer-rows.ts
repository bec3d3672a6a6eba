/** How the rows of each collection are records of a transfer, and back. A record has its fields in the order of its schema. */
import { ObjectId, type Document } from 'mongodb';
import { compareText } from '../../../platform/core/text-order.ts';
import type { KeptAnswer } from '../../ports/account-store.ts';
import { recordSchemas, type RecordOf, type SectionName } from '../../ports/transfer-store.ts';
import { batchOfRecord, lastOfEach } from '../../transfer/batch-records.ts';
import {
  goneAfter,
  keyOf,
  type BatchRow,
  type Collections,
  type DocumentRow,
  type RequestRow,
} from '../collections.ts';

export interface CollectionSection<S extends SectionName> {
  readonly collection: keyof Collections;
  /** Fields of the rows that are the key of the section, in its order. There is an index for each. */
  readonly order: readonly string[];
  /** Rows of the collection that are of this section; absent for all. */
  readonly filter?: Document;
  readonly record: (row: Document) => RecordOf<S>;
  readonly row: (record: RecordOf<S>) => Document;
  /** The field by which rows are of a document that has to exist; absent for none. */
  readonly documentField?: string;
}

/** Rows whose fields are those of the record, but for `_id`. */
function alike<S extends SectionName>(
  section: S,
  collection: keyof Collections,
  id: keyof RecordOf<S> & string,
  also: (record: RecordOf<S>) => Document = () => ({}),
): CollectionSection<S> {
  return {
    collection,
    order: ['_id'],
    record: (row) => ordered(section, { ...row, [id]: row['_id'] as unknown }),
    row: (record) => {
      const { [id]: _id, ...fields } = record as Document;
      return { _id: _id as unknown, ...fields, ...also(record) };
    },
  };
}

const base64 = (bytes: unknown): string => Buffer.from(bytes as Uint8Array).toString('base64');
const bytesOf = (text: string): Buffer => Buffer.from(text, 'base64');

export const collectionSections: { readonly [S in SectionName]: CollectionSection<S> } = {
  secrets: {
    ...{ collection: 'secrets', order: ['_id'] },
    record: ({ _id, value }) => ({ name: _id as string, value: base64(value) }),
    row: ({ name, value }) => ({ _id: name, value: bytesOf(value) }),
  },
  signingKeys: {
    ...{ collection: 'signingKeys', order: ['purpose', 'kid'] },
    record: (row) => ordered('signingKeys', { ...row, value: base64(row['value']) }),
    row: ({ value, ...key }) => ({
      ...{ _id: keyOf(key.purpose, key.kid), ...key, value: bytesOf(value) },
    }),
  },
  retentionTime: {
    ...{ collection: 'meta', order: [], filter: { _id: 'retention' } },
    record: (row) => ordered('retentionTime', row),
    row: (record) => ({ _id: 'retention', ...record }),
  },
  people: alike('people', 'people', 'userId'),
  accounts: alike('accounts', 'accounts', 'userId'),
  authSessions: alike('authSessions', 'authSessions', 'id', ({ expiresAt }) => ({
    goneAt: goneAfter(expiresAt),
  })),
  apiTokens: alike('apiTokens', 'apiTokens', 'id'),
  invitations: alike('invitations', 'invitations', 'id'),
  keptAnswers: {
    ...{ collection: 'requests', order: ['_id'] },
    record: (row) => {
      const { _id: key, requestHash, at, answer: kept } = row as RequestRow;
      const answer = kept === null ? null : (JSON.parse(kept) as KeptAnswer);
      return {
        ...{ key, requestHash, at },
        answer:
          answer === null
            ? null
            : { status: answer.status, headers: { ...answer.headers }, body: answer.body },
      };
    },
    row: ({ key, requestHash, at, answer }) => ({
      ...{ _id: key, requestHash, at, goneAt: goneAfter(at) },
      answer: answer === null ? null : JSON.stringify({ requestHash, ...answer, at }),
    }),
  },
  storageDays: alike('storageDays', 'storageDays', 'bucket'),
  documents: {
    ...{ collection: 'documents', order: ['_id'] },
    record: (row) => {
      const { _id: documentId, people, renames, ...fields } = row as DocumentRow;
      return ordered('documents', {
        ...{ documentId, ...fields },
        people: people
          .map(({ userId, role }) => ({ userId, role }))
          .sort((one, other) => compareText(one.userId, other.userId)),
        renames: renames
          .map(({ renameId, titleVersion }) => ({ renameId, titleVersion }))
          .sort((one, other) => one.titleVersion - other.titleVersion || compareText(one.renameId, other.renameId)), // prettier-ignore
      });
    },
    row: ({ documentId, ...fields }) => ({ _id: documentId, ...fields }),
  },
  shareLinks: { ...alike('shareLinks', 'shareLinks', 'id'), documentField: 'documentId' },
  linkOpenings: {
    ...{ collection: 'linkOpenings', order: ['linkId', 'userId'], documentField: 'documentId' },
    record: (row) => ordered('linkOpenings', row),
    row: (record) => ({ _id: keyOf(record.linkId, record.userId), ...record }),
  },
  documentInvitations: {
    ...alike('documentInvitations', 'documentInvitations', 'id', ({ expiresAt }) => ({
      goneAt: goneAfter(expiresAt),
    })),
    documentField: 'documentId',
  },
  personal: {
    ...{ collection: 'personal', order: ['documentId', 'userId'], documentField: 'documentId' },
    record: (row) => ordered('personal', { visitedAt: null, starred: false, folder: '', ...row }),
    row: (record) => ({ _id: keyOf(record.documentId, record.userId), ...record }),
  },
  storageUsage: {
    ...{ collection: 'usage', order: ['documentId', 'userId'], documentField: 'documentId' },
    record: (row) => ordered('storageUsage', row),
    row: (record) => ({ _id: keyOf(record.documentId, record.userId), ...record }),
  },
  checkpoints: {
    ...{ collection: 'checkpoints', order: ['documentId', 'version'], documentField: 'documentId' },
    record: (row) =>
      ordered('checkpoints', { ...row, compressedText: base64(row['compressedText']) }),
    row: (record) => {
      const compressedText = bytesOf(record.compressedText);
      const bytes = compressedText.length + Buffer.byteLength(record.effectState ?? '');
      return { _id: keyOf(record.documentId, record.version), ...record, compressedText, bytes };
    },
  },
  batches: {
    ...{ collection: 'batches', order: ['documentId', 'firstVersion'] },
    ...{ filter: { isRemoved: false }, documentField: 'documentId' },
    record: (row) =>
      ordered('batches', { ...row, payload: Buffer.from((row as BatchRow).payload).toString() }),
    row: (record) => {
      const clients = lastOfEach(batchOfRecord(record)).map(({ operation, version }) => {
        const { clientId, author, seq } = operation;
        return { clientId, author, seq, version };
      });
      const payload = Buffer.from(record.payload);
      return { _id: new ObjectId(), ...record, payload, clients, isRemoved: false, isPurging: false }; // prettier-ignore
    },
  },
  formerAccounts: alike('formerAccounts', 'formerAccounts', 'userId'),
  removedDocuments: {
    ...{ collection: 'batches', order: ['documentId'], filter: { isRemoved: true } },
    record: (row) => ordered('removedDocuments', row),
    // Written by the target itself, with what it deletes.
    row: ({ documentId }) => ({ documentId }),
  },
};

/**
 * What a transfer does with each collection: a section's, or why it is none. A collection that is added has no entry,
 * which does not compile.
 */
export const decisions: Readonly<Record<keyof Collections, readonly SectionName[] | string>> = {
  batches: ['batches', 'removedDocuments'],
  checkpoints: ['checkpoints'],
  documents: ['documents'],
  people: ['people'],
  shareLinks: ['shareLinks'],
  linkOpenings: ['linkOpenings'],
  documentInvitations: ['documentInvitations'],
  personal: ['personal'],
  accounts: ['accounts'],
  formerAccounts: ['formerAccounts'],
  authSessions: ['authSessions'],
  apiTokens: ['apiTokens'],
  invitations: ['invitations'],
  requests: ['keptAnswers'],
  secrets: ['secrets'],
  signingKeys: ['signingKeys'],
  usage: ['storageUsage'],
  storageDays: ['storageDays'],
  searchTexts: 'Derived from the log; the server makes it again.',
  searchWords: 'Derived from the log.',
  searchPieces: 'Derived from the log.',
  leases: 'Of the nodes of this database.',
  owners: 'Of the nodes of this database; a document without a row is taken over with a fence.',
  events: 'Told to the nodes of this database, and deleted after an hour.',
  counters: 'Numbers of events, and the limits of the moment.',
  limitBuckets: 'The limits of the moment.',
  provenPlaces: 'Part of the limits of the moment.',
  holds: 'Turns of jobs, and requests that are being answered.',
  // The history id is carried by itself; schema, locks and guard rows are of this database alone.
  meta: ['retentionTime'],
};

/** The fields of the section's records alone, in their order. */
function ordered<S extends SectionName>(section: S, fields: Document): RecordOf<S> {
  const names = Object.keys(recordSchemas[section].shape);
  return Object.fromEntries(names.map((name) => [name, fields[name] as unknown])) as RecordOf<S>;
}

export const rowsOf = <S extends SectionName>(
  section: S,
  records: readonly RecordOf<S>[],
): readonly Document[] => records.map((record) => collectionSections[section].row(record as never));
