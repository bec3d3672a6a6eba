/**
 * The part of the store for moving everything it holds elsewhere: backups, restores, and migrations from one kind of
 * store to another (docs/decisions/0024-archives.md). Records are the same for every store, plain JSON, one section of
 * them after the other. What can be made again from these records is in none: the search index, where clients stand in a
 * log, second copies.
 */
import { z } from 'zod';

const text = z.string();
const textOrNull = z.string().nullable();
const integer = z.int();
const integerOrNull = z.int().nullable();
const bytes = z.base64();

/**
 * Every kind of record, in the order of the sections. A record comes after those it refers to, so that a copy taken
 * while the store is written to misses none of these: what was deleted since is told by the tombstones, which are last
 * (`removedDocuments`, `formerAccounts`).
 */
export const recordSchemas = {
  secrets: z.strictObject({ name: text, value: bytes }),
  signingKeys: z.strictObject({
    ...{ purpose: text, kid: text, value: bytes, createdAt: integer, retiredAt: integerOrNull },
  }),
  /** One at most. */
  retentionTime: z.strictObject({ creditedAt: integer, wallAt: integer }),
  people: z.strictObject({ userId: text, name: text }),
  accounts: z.strictObject({
    ...{ userId: text, userName: text, email: textOrNull, passwordHash: textOrNull },
    ...{ subject: textOrNull, isAdmin: z.boolean(), createdAt: integer, disabledAt: integerOrNull },
  }),
  authSessions: z.strictObject({
    ...{ id: text, userId: text, tokenHash: text, formerTokenHash: textOrNull },
    ...{ attemptHash: textOrNull, rotatedAt: integer, createdAt: integer, lastUsedAt: integer },
    ...{ expiresAt: integer, provenAt: integer, userAgent: text, address: text },
  }),
  apiTokens: z.strictObject({
    ...{ id: text, userId: text, label: text, tokenHash: text, scopes: z.array(text) },
    ...{ createdAt: integer, lastUsedAt: integerOrNull, expiresAt: integerOrNull },
  }),
  invitations: z.strictObject({
    ...{ id: text, tokenHash: text, label: text, isAdmin: z.boolean(), createdBy: textOrNull },
    ...{ createdAt: integer, expiresAt: integer, usedBy: textOrNull },
  }),
  /** `answer` is null for a request that was begun and has none. */
  keptAnswers: z.strictObject({
    ...{ key: text, requestHash: text, at: integer },
    answer: z
      .strictObject({ status: integer, headers: z.record(text, text), body: text })
      .nullable(),
  }),
  storageDays: z.strictObject({ bucket: text, bytes: integer, at: integer }),
  /** With own roles by user id, and the newest renamings by version. */
  documents: z.strictObject({
    ...{ documentId: text, title: text, titleVersion: integer, createdBy: text },
    ...{ createdAt: integer, updatedAt: integer, anyone: text, accessEpoch: integer },
    trashedAt: integerOrNull,
    people: z.array(z.strictObject({ userId: text, role: text })),
    renames: z.array(z.strictObject({ renameId: text, titleVersion: integer })),
  }),
  shareLinks: z.strictObject({
    ...{ id: text, documentId: text, role: text, label: text, tokenHash: text },
    ...{ passwordHash: textOrNull, createdBy: text, createdAt: integer, expiresAt: integerOrNull },
  }),
  linkOpenings: z.strictObject({ linkId: text, userId: text, documentId: text }),
  documentInvitations: z.strictObject({
    ...{ id: text, documentId: text, invitedBy: text, invited: text, userId: textOrNull },
    ...{ role: text, createdAt: integer, expiresAt: integer, declinedAt: integerOrNull },
    isWithdrawn: z.boolean(),
  }),
  /** What one person keeps of a document. */
  personal: z.strictObject({
    ...{ documentId: text, userId: text, visitedAt: integerOrNull, starred: z.boolean() },
    folder: text,
  }),
  storageUsage: z.strictObject({ documentId: text, userId: text, bytes: integer }),
  /** Before the log: none is of a version that the log does not reach. */
  checkpoints: z.strictObject({
    ...{ documentId: text, version: integer, compressedText: bytes, checksum: integer },
    ...{ lengthCodePoints: integer, effectState: textOrNull, rowChecksum: integer },
  }),
  /** `payload` is the batch as the log holds it, JSON, and `checksum` the CRC-32 of its UTF-8. */
  batches: z.strictObject({
    ...{ documentId: text, firstVersion: integer, lastVersion: integer, epoch: integer },
    ...{ checksum: integer, payload: text },
  }),
  formerAccounts: z.strictObject({ userId: text }),
  removedDocuments: z.strictObject({ documentId: text }),
} as const;

export type SectionName = keyof typeof recordSchemas;
export type RecordOf<S extends SectionName> = z.infer<(typeof recordSchemas)[S]>;
export type AnyRecord = RecordOf<SectionName>;

export const sectionNames = Object.keys(recordSchemas) as readonly SectionName[];

/** The fields by which the records of a section are unique, and listed in this order; texts by UTF-8 (text-order.ts). */
export const keyFields = {
  secrets: ['name'],
  signingKeys: ['purpose', 'kid'],
  retentionTime: [],
  people: ['userId'],
  accounts: ['userId'],
  authSessions: ['id'],
  apiTokens: ['id'],
  invitations: ['id'],
  keptAnswers: ['key'],
  storageDays: ['bucket'],
  documents: ['documentId'],
  shareLinks: ['id'],
  linkOpenings: ['linkId', 'userId'],
  documentInvitations: ['id'],
  personal: ['documentId', 'userId'],
  storageUsage: ['documentId', 'userId'],
  checkpoints: ['documentId', 'version'],
  batches: ['documentId', 'firstVersion'],
  formerAccounts: ['userId'],
  removedDocuments: ['documentId'],
} as const satisfies { readonly [S in SectionName]: readonly (keyof RecordOf<S>)[] };

export type RecordKey = readonly (string | number)[];

export function keyOfRecord<S extends SectionName>(section: S, record: RecordOf<S>): RecordKey {
  const fields = record as Readonly<Record<string, unknown>>;
  return keyFields[section].map((field) => fields[field] as string | number);
}

/** About so many bytes of records are in memory at a time, or one record. */
export const PAGE_BYTES = 4 * 1024 * 1024;
export const PAGE_RECORDS = 500;

/** A page of one section. */
export type TransferPage = {
  readonly [S in SectionName]: { readonly section: S; readonly records: readonly RecordOf<S>[] };
}[SectionName];

export interface TransferSource {
  readonly historyId: string;
  /**
   * Records of a section behind a key, or all, in the order of their keys and in pages of bounded size. Records of
   * documents that do not exist are left out. Rejects with StoreError.
   */
  pages<S extends SectionName>(
    section: S,
    after: RecordKey | null,
  ): AsyncIterable<readonly RecordOf<S>[]>;
}

export interface TransferTarget {
  /**
   * Writes the records durably. Idempotent: those that are there already stay. Records of documents that the target
   * does not have are left out; a tombstone deletes what it stands for.
   */
  write<S extends SectionName>(section: S, records: readonly RecordOf<S>[]): Promise<void>;
}
