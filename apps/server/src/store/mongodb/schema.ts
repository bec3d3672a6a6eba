/**
 * Collections, validators and indexes, by the version of the schema. A step that was released is never changed: later
 * ones are added. At each start the indexes are looked for, and made where one is missing.
 */
import type { CreateIndexesOptions, Document, IndexSpecification } from 'mongodb';
import type { Collections } from './collections.ts';

/**
 * Of databases that this program writes. A newer one is refused (migrate.ts).
 *
 * 2: leases and owners. A program that knows nothing of them must not serve documents of a cluster.
 */
export const SCHEMA_VERSION = 2;

export interface IndexPlan {
  readonly key: IndexSpecification & object;
  readonly options: CreateIndexesOptions & { readonly name: string };
}

export interface CollectionPlan {
  readonly validator: Document | null;
  readonly indexes: readonly IndexPlan[];
}

const text = { bsonType: 'string' } as const;
const number = { bsonType: 'number' } as const;
const textOrNull = { bsonType: ['string', 'null'] } as const;
const numberOrNull = { bsonType: ['number', 'null'] } as const;
const flag = { bsonType: 'bool' } as const;
const date = { bsonType: 'date' } as const;
const bytes = { bsonType: 'binData' } as const;
const list = { bsonType: 'array' } as const;

/** All fields are required, and of their types; more are allowed, so that a newer version can add some. */
function required(fields: Readonly<Record<string, Document>>): Document {
  return { bsonType: 'object', required: Object.keys(fields), properties: fields };
}

const index = (
  key: Readonly<Record<string, 1 | -1>>,
  options: CreateIndexesOptions = {},
): IndexPlan => {
  const name = Object.entries(key).map(([field, order]) => `${field}_${order}`).join('_'); // prettier-ignore
  return { key: { ...key }, options: { ...options, name } };
};
const unique = (key: Readonly<Record<string, 1 | -1>>): IndexPlan => index(key, { unique: true });
/** Of texts alone: null is no value. A query for a text implies the expression, so that it uses the index. */
const uniqueText = (field: string): IndexPlan =>
  index({ [field]: 1 }, { unique: true, partialFilterExpression: { [field]: { $gt: '' } } });
const expiring = index({ goneAt: 1 }, { expireAfterSeconds: 0 });

export const plans: Readonly<Record<keyof Collections, CollectionPlan>> = {
  batches: {
    validator: required({
      documentId: text,
      firstVersion: number,
      lastVersion: number,
      epoch: number,
      clients: list,
      payload: bytes,
      checksum: number,
      isRemoved: flag,
      isPurging: flag,
    }),
    indexes: [
      unique({ documentId: 1, firstVersion: 1 }),
      index({ documentId: 1, 'clients.clientId': 1, firstVersion: -1 }),
      index({ isPurging: 1 }, { partialFilterExpression: { isPurging: true } }),
      index({ documentId: 1 }, { partialFilterExpression: { isRemoved: true } }),
    ],
  },
  checkpoints: {
    validator: required({
      documentId: text,
      version: number,
      compressedText: bytes,
      checksum: number,
      lengthCodePoints: number,
      effectState: textOrNull,
      rowChecksum: number,
      bytes: number,
    }),
    indexes: [unique({ documentId: 1, version: 1 })],
  },
  documents: {
    validator: required({
      title: text,
      titleVersion: number,
      createdBy: text,
      createdAt: number,
      updatedAt: number,
      anyone: text,
      accessEpoch: number,
      trashedAt: numberOrNull,
      people: list,
      renames: list,
    }),
    indexes: [
      index({ 'people.userId': 1, updatedAt: -1 }),
      index({ createdBy: 1 }),
      index({ trashedAt: 1 }, { partialFilterExpression: { trashedAt: { $gte: 0 } } }),
    ],
  },
  people: { validator: required({ name: text }), indexes: [] },
  shareLinks: {
    validator: required({ documentId: text, role: text, tokenHash: text, expiresAt: numberOrNull }),
    indexes: [unique({ tokenHash: 1 }), index({ documentId: 1 })],
  },
  linkOpenings: {
    validator: required({ documentId: text, linkId: text, userId: text }),
    indexes: [
      index({ documentId: 1, userId: 1 }),
      index({ userId: 1 }),
      index({ linkId: 1, userId: 1 }),
    ],
  },
  documentInvitations: {
    validator: required({
      documentId: text,
      invitedBy: text,
      invited: text,
      userId: textOrNull,
      role: text,
      expiresAt: number,
      declinedAt: numberOrNull,
      isWithdrawn: flag,
    }),
    indexes: [
      index({ documentId: 1, invited: 1 }, { unique: true, partialFilterExpression: { isWithdrawn: false } }), // prettier-ignore
      index({ userId: 1, createdAt: 1 }),
      index({ invitedBy: 1 }),
      expiring,
    ],
  },
  personal: {
    validator: required({ documentId: text, userId: text }),
    indexes: [index({ userId: 1 }), index({ documentId: 1, userId: 1 })],
  },
  accounts: {
    validator: required({
      userName: text,
      email: textOrNull,
      passwordHash: textOrNull,
      subject: textOrNull,
      isAdmin: flag,
      createdAt: number,
      disabledAt: numberOrNull,
    }),
    indexes: [unique({ userName: 1 }), uniqueText('email'), uniqueText('subject')],
  },
  formerAccounts: { validator: null, indexes: [] },
  authSessions: {
    validator: required({
      userId: text,
      tokenHash: text,
      formerTokenHash: textOrNull,
      attemptHash: textOrNull,
      expiresAt: number,
      provenAt: number,
    }),
    indexes: [index({ userId: 1 }), expiring],
  },
  apiTokens: {
    validator: required({ userId: text, tokenHash: text, scopes: list, expiresAt: numberOrNull }),
    indexes: [unique({ tokenHash: 1 }), index({ userId: 1 })],
  },
  invitations: {
    validator: required({ tokenHash: text, isAdmin: flag, expiresAt: number, usedBy: textOrNull }),
    indexes: [unique({ tokenHash: 1 })],
  },
  requests: {
    validator: required({ requestHash: text, at: number, answer: textOrNull }),
    indexes: [index({ at: 1 }), expiring],
  },
  secrets: { validator: required({ value: bytes }), indexes: [] },
  signingKeys: {
    validator: required({
      purpose: text,
      kid: text,
      value: bytes,
      createdAt: number,
      retiredAt: numberOrNull,
    }),
    indexes: [unique({ purpose: 1, kid: 1 })],
  },
  usage: {
    validator: required({ documentId: text, userId: text, bytes: number }),
    indexes: [index({ userId: 1 }), index({ documentId: 1, userId: 1 })],
  },
  storageDays: { validator: required({ bytes: number, at: number }), indexes: [] },
  searchTexts: {
    validator: required({ generation: text, version: number, wordCount: number }),
    indexes: [],
  },
  searchWords: {
    validator: required({ documentId: text, generation: text, farBefore: text, words: list }),
    indexes: [index({ generation: 1, 'words.word': 1 }), index({ documentId: 1 })],
  },
  searchPieces: {
    validator: required({ documentId: text, generation: text, place: number, content: text }),
    indexes: [unique({ generation: 1, place: 1 }), index({ documentId: 1 })],
  },
  leases: {
    validator: required({ number, renewedAt: number, endsAt: number, isEnded: flag, goneAt: date }),
    indexes: [expiring],
  },
  owners: {
    validator: required({ epoch: number, owner: textOrNull, head: numberOrNull }),
    // Of documents that have an owner: they are counted by it.
    indexes: [index({ owner: 1 }, { partialFilterExpression: { owner: { $gt: '' } } })],
  },
  meta: { validator: null, indexes: [] },
  events: {
    validator: required({ origin: text, events: list, hasGap: flag, at: { bsonType: 'date' } }),
    // Nothing is lost with a row: followers notice that it is not there, and read everything again.
    indexes: [index({ at: 1 }, { expireAfterSeconds: 60 * 60 })],
  },
  counters: { validator: null, indexes: [] },
  limitBuckets: { validator: null, indexes: [expiring] },
  provenPlaces: { validator: null, indexes: [expiring] },
  holds: { validator: required({ holder: text, value: text, until: number }), indexes: [expiring] },
};
