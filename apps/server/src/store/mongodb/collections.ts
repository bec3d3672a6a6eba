/** The collections of the MongoDB store and the shape of their rows (docs/decisions/0022-mongodb-store.md). */
import type { AnyoneAccess, ClientId, DocumentId, RenameId, Role } from '@concord/protocol';
import type { Collection, Db, Document, ObjectId } from 'mongodb';
import type { ShareLinkRecord } from '../ports/access-store.ts';
import type {
  AccountRecord,
  ApiTokenRecord,
  AuthSessionRecord,
  InvitationRecord,
} from '../ports/account-store.ts';
import type { DocumentInvitationRecord } from '../ports/document-invitation-store.ts';
import type { SigningKeyRecord } from '../ports/signing-key-store.ts';
import type { StorageDay } from '../ports/store.ts';
import type { SharedCollections } from './shared-rows.ts';

/** The last operation of one client in a batch. */
export interface BatchClient {
  clientId: ClientId;
  author: string;
  seq: number;
  version: number;
}

/** Of the log. */
export interface BatchRow {
  /** Made by the writer, so that a writer that reads the row back recognises its own. */
  _id: ObjectId;
  documentId: DocumentId;
  firstVersion: number;
  lastVersion: number;
  epoch: number;
  /** Whoever wrote in the batch; empty in a tombstone. */
  clients: BatchClient[];
  /** The batch as JSON, UTF-8; empty in a tombstone. */
  payload: Uint8Array;
  /** CRC-32 of the payload. */
  checksum: number;
  /** A tombstone: the document was purged, and no batch follows. */
  isRemoved: boolean;
  /** A tombstone whose document's rows are not all deleted yet. */
  isPurging: boolean;
}

export interface CheckpointRow {
  _id: string;
  documentId: DocumentId;
  version: number;
  compressedText: Uint8Array;
  checksum: number;
  lengthCodePoints: number;
  effectState: string | null;
  /** CRC-32 of the compressed text, and of the state of effects after it. */
  rowChecksum: number;
  /** Of both together, for thinning without reading them. */
  bytes: number;
}

export interface PersonRole {
  userId: string;
  role: Role;
}

export interface KnownRename {
  renameId: RenameId;
  titleVersion: number;
}

export interface DocumentRow {
  _id: DocumentId;
  title: string;
  titleVersion: number;
  createdBy: string;
  createdAt: number;
  updatedAt: number;
  anyone: AnyoneAccess;
  accessEpoch: number;
  trashedAt: number | null;
  people: PersonRole[];
  /** Oldest first. */
  renames: KnownRename[];
}

type Unnamed<R, K extends keyof R> = { -readonly [P in Exclude<keyof R, K>]: R[P] };

export type ShareLinkRow = { _id: string } & Unnamed<ShareLinkRecord, 'id'>;

export interface LinkOpeningRow {
  _id: string;
  documentId: DocumentId;
  linkId: string;
  userId: string;
}

/** What one person keeps of a document. */
export interface PersonalRow {
  _id: string;
  documentId: DocumentId;
  userId: string;
  visitedAt?: number | null;
  starred?: boolean;
  folder?: string;
}

/** A row that the database deletes by itself some time after it expired, should no job have done so. */
interface Expiring {
  /** A day at least after the row expired. */
  goneAt: Date;
}

export type DocumentInvitationRow = { _id: string } & Unnamed<DocumentInvitationRecord, 'id'> &
  Expiring & { declinedAt: number | null; isWithdrawn: boolean };

export type AccountRow = { _id: string } & Unnamed<AccountRecord, 'userId'>;
export type AuthSessionRow = { _id: string } & Unnamed<AuthSessionRecord, 'id'> & Expiring;
export type ApiTokenRow = { _id: string } & Unnamed<ApiTokenRecord, 'id'>;
export type InvitationRow = { _id: string } & Unnamed<InvitationRecord, 'id'>;

/** A request with an idempotency key. */
export interface RequestRow extends Expiring {
  _id: string;
  requestHash: string;
  at: number;
  /** The kept answer as JSON; null while it is not known. */
  answer: string | null;
}

export interface SecretRow {
  _id: string;
  value: Uint8Array;
}

export type SigningKeyRow = { _id: string } & Unnamed<SigningKeyRecord, never>;

export interface UsageRow {
  _id: string;
  documentId: DocumentId;
  userId: string;
  bytes: number;
}

export type StorageDayRow = { _id: string } & Unnamed<StorageDay, 'bucket'>;

/** Which generation of the index is that of a document's text. */
export interface SearchTextRow {
  _id: DocumentId;
  generation: string;
  version: number;
  wordCount: number;
}

export interface IndexedWord {
  word: string;
  count: number;
  firstPiece: number;
}

/** Some words of a text, neighbours in their order. */
export interface SearchWordsRow {
  _id: string;
  documentId: DocumentId;
  generation: string;
  /** The last word of the row before the last one; empty for none. */
  farBefore: string;
  words: IndexedWord[];
}

export interface SearchPieceRow {
  _id: string;
  documentId: DocumentId;
  generation: string;
  place: number;
  content: string;
}

/** Single facts about the database, by their name; each has the fields that it needs. */
export interface MetaRow {
  _id: 'schema' | 'schemaLock' | 'history' | 'retention' | 'administrators' | 'transfer' | 'moved';
  /** Of the schema. */
  version?: number;
  /** Who changes the schema, and until when by the clock of the database. */
  holder?: string;
  until?: number;
  /** History id. */
  id?: string;
  /** Retention time. */
  creditedAt?: number;
  wallAt?: number;
  /** Of administrators. */
  changes?: number;
  /** Of a transfer into this database that is not complete: what is copied, and how far it got, as JSON. */
  origin?: string;
  place?: string;
  /** Of a transfer out of this database that is complete: where to, and when. */
  to?: string;
  at?: string;
}

/** Of a node; names and addresses are missing in a row that was written as ended before the node wrote one. */
export interface LeaseRow {
  _id: string;
  node?: string;
  address?: string;
  publicUrl?: string | null;
  weight?: number;
  isDraining?: boolean;
  /** Of the last renewal. */
  number: number;
  /** Of the last renewal, and when the lease ends, by the clock of the database. */
  renewedAt: number;
  endsAt: number;
  isEnded: boolean;
  /** By the clock of the database; missing for never. */
  drainRequestedAt?: number;
  /** By the clock of the database, which then deletes the row: a lease that is missing counts as ended. */
  goneAt: Date;
}

/** Who owns a document, as in the port. */
export interface OwnerRow {
  _id: DocumentId;
  epoch: number;
  owner: string | null;
  head: number | null;
}

export interface Collections extends SharedCollections {
  readonly batches: Collection<BatchRow>;
  readonly checkpoints: Collection<CheckpointRow>;
  readonly documents: Collection<DocumentRow>;
  readonly people: Collection<{ _id: string; name: string }>;
  readonly shareLinks: Collection<ShareLinkRow>;
  readonly linkOpenings: Collection<LinkOpeningRow>;
  readonly documentInvitations: Collection<DocumentInvitationRow>;
  readonly personal: Collection<PersonalRow>;
  readonly accounts: Collection<AccountRow>;
  /** Tombstones of user ids. */
  readonly formerAccounts: Collection<{ _id: string }>;
  readonly authSessions: Collection<AuthSessionRow>;
  readonly apiTokens: Collection<ApiTokenRow>;
  readonly invitations: Collection<InvitationRow>;
  readonly requests: Collection<RequestRow>;
  readonly secrets: Collection<SecretRow>;
  readonly signingKeys: Collection<SigningKeyRow>;
  readonly usage: Collection<UsageRow>;
  readonly storageDays: Collection<StorageDayRow>;
  readonly searchTexts: Collection<SearchTextRow>;
  readonly searchWords: Collection<SearchWordsRow>;
  readonly searchPieces: Collection<SearchPieceRow>;
  readonly leases: Collection<LeaseRow>;
  readonly owners: Collection<OwnerRow>;
  readonly meta: Collection<MetaRow>;
}

/** Acknowledged by a majority, and in their journals: what a resolved promise of the port means (I1). */
export const durable = { writeConcern: { w: 'majority', journal: true } } as const;
/** What was acknowledged so cannot be rolled back: for reads that a decision rests on. */
export const decided = { readConcern: { level: 'majority' } } as const;

const named = <R extends Document>(db: Db, name: keyof Collections): Collection<R> =>
  db.collection<R>(name, { ...durable, readPreference: 'primary' });

export const leasesOf = (db: Db): Collection<LeaseRow> => named(db, 'leases');

/** Reads by these collections see the newest, `decided` reads only what a majority has. */
export function collectionsOf(db: Db): Collections {
  return {
    batches: named(db, 'batches'),
    checkpoints: named(db, 'checkpoints'),
    documents: named(db, 'documents'),
    people: named(db, 'people'),
    shareLinks: named(db, 'shareLinks'),
    linkOpenings: named(db, 'linkOpenings'),
    documentInvitations: named(db, 'documentInvitations'),
    personal: named(db, 'personal'),
    accounts: named(db, 'accounts'),
    formerAccounts: named(db, 'formerAccounts'),
    authSessions: named(db, 'authSessions'),
    apiTokens: named(db, 'apiTokens'),
    invitations: named(db, 'invitations'),
    requests: named(db, 'requests'),
    secrets: named(db, 'secrets'),
    signingKeys: named(db, 'signingKeys'),
    usage: named(db, 'usage'),
    storageDays: named(db, 'storageDays'),
    searchTexts: named(db, 'searchTexts'),
    searchWords: named(db, 'searchWords'),
    searchPieces: named(db, 'searchPieces'),
    leases: leasesOf(db),
    owners: named(db, 'owners'),
    meta: named(db, 'meta'),
    events: named(db, 'events'),
    counters: named(db, 'counters'),
    limitBuckets: named(db, 'limitBuckets'),
    provenPlaces: named(db, 'provenPlaces'),
    holds: named(db, 'holds'),
  };
}

/** An unambiguous `_id` of several strings. */
export const keyOf = (...parts: readonly (string | number)[]): string => JSON.stringify(parts);

const DAY_MS = 24 * 60 * 60 * 1_000;
/** What a clock that is wrong may cost: rows are kept so much longer than they are valid. */
const KEPT_BEYOND_MS = 7 * DAY_MS;

/** When the database may delete a row by itself. Never soon, whatever the row says: clocks can be wrong. */
export const goneAfter = (expiresAt: number): Date =>
  new Date(Math.min(Math.max(expiresAt, Date.now()) + KEPT_BEYOND_MS, 8.64e15));
