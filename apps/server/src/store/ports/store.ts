/**
 * The store port. SQLite, later MongoDB, and the simulated store implement it; `conformance.ts` is the one
 * contract suite for all of them. Every promise that resolves means: durable (I1). Texts are listed in one order
 * (platform/core/text-order.ts), and a full disk refuses the writes that need room (room-rule.ts). A write that touches
 * several things is an operation with a name: there are no transactions for callers to put together.
 */
import type { Effect, TextOperation } from '@concord/ot';
import type { AnyoneAccess, ClientId, DocumentId } from '@concord/protocol';
import type { AccessRepository } from './access-store.ts';
import type {
  AccountRepository,
  ApiTokenRepository,
  AuthSessionRepository,
  InvitationRepository,
  KeptAnswerRepository,
  KeptWrite,
} from './account-store.ts';
import type { ClusterStore } from './cluster-store.ts';
import type { DocumentInvitationRepository } from './document-invitation-store.ts';
import type { LibraryRepository, SearchIndex } from './library-store.ts';
import type { SharedStore } from './shared-store.ts';
import type { SigningKeyRepository } from './signing-key-store.ts';
import type { Rename, VersionedTitle } from '../core/rename.ts';
import type { RetentionTime } from '../retention-time.ts';

/** An operation as it stands in the log; its version is its batch's first version plus its place. */
export interface LoggedOperation {
  readonly clientId: ClientId;
  readonly seq: number;
  /** User id of the author. */
  readonly author: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly op: TextOperation;
  /** What the change did besides, in the text that `op` makes; absent for nothing (docs/protocol.md#effects). */
  readonly effects?: readonly Effect[] | undefined;
}

/** The unit of durability: consecutive operations of one document, written whole or not at all. */
export interface Batch {
  readonly documentId: DocumentId;
  /** Version that the first operation produces. */
  readonly firstVersion: number;
  /** Of the owner who appends, a fencing token (documents/ownership.ts); 0 when left out. */
  readonly epoch?: number;
  readonly operations: readonly LoggedOperation[];
}

/** Batches from this version on are of one owner. */
export interface EpochStart {
  readonly version: number;
  readonly epoch: number;
}

/** Where a client stands in the log: its last committed operation. */
export interface ClientPosition {
  readonly seq: number;
  readonly version: number;
}

export interface OperationLog {
  /**
   * Writes a batch atomically and durably. Appends of several documents share a transaction (group commit).
   * The document's `updatedAt` moves to the last operation's `at` in the same write.
   * Epochs never fall along a log: one that is lower than that of the batch before is a former owner's.
   * Rejects with {@link DuplicateBatchError} when the version is taken, {@link FencedError} when the epoch is too low,
   * {@link StoreError} otherwise.
   */
  append(batch: Batch): Promise<void>;
  /** Of the newest batch; 0 for none. */
  epoch(documentId: DocumentId): Promise<number>;
  /** Where the epoch of the batches changes, from the first one on; none for an empty log. For `concord verify`. */
  epochs(documentId: DocumentId): Promise<readonly EpochStart[]>;
  /** Version of the newest logged operation; 0 for none. */
  headVersion(documentId: DocumentId): Promise<number>;
  /** Operations with versions from `afterVersion + 1`, at most `limit`. Rejects with {@link CorruptionError}. */
  read(
    documentId: DocumentId,
    afterVersion: number,
    limit: number,
  ): Promise<readonly LoggedOperation[]>;
  /**
   * The client's last committed operation in this document, or null. A client is a client id of one
   * person: ids are visible to others, whose operations under the same id are not those of this client.
   */
  positionOf(
    documentId: DocumentId,
    clientId: ClientId,
    author: string,
  ): Promise<ClientPosition | null>;
  /** Whether every logged operation is the author's, by clients whose ids begin with the prefix; true for none. */
  isOnlyBy(documentId: DocumentId, author: string, clientIdPrefix: string): Promise<boolean>;
}

/** checkpoint(v) = replay(log up to v) (I6). */
export interface Checkpoint {
  readonly version: number;
  /** The text, UTF-8, gzip-compressed: what the snapshot request serves as it is. */
  readonly compressedText: Uint8Array;
  /** `textChecksum` of the text. */
  readonly checksum: number;
  readonly lengthCodePoints: number;
  /** The state that effects led to, as JSON; absent for none. */
  readonly effectState?: string | undefined;
}

/** Several of each document, the sparser the older they are (core/checkpoint-spacing.ts). */
export interface CheckpointStore {
  /** The newest. Rejects with CorruptionError when it is damaged. */
  latest(documentId: DocumentId): Promise<Checkpoint | null>;
  /** The newest that is of this version or an older one. Rejects with CorruptionError when that one is damaged. */
  atOrBefore(documentId: DocumentId, version: number): Promise<Checkpoint | null>;
  /** Of all that are kept, the newest first. */
  versions(documentId: DocumentId): Promise<readonly number[]>;
  /** Keeps the checkpoint, in place of one of the same version, and throws away what that makes superfluous. */
  write(documentId: DocumentId, checkpoint: Checkpoint): Promise<void>;
  /** Throws away those after a version, because they are damaged: the log gives the text without them. */
  discardAfter(documentId: DocumentId, version: number): Promise<void>;
}

export interface DocumentRecord {
  readonly id: DocumentId;
  readonly title: string;
  /** User id of the creator. */
  readonly createdBy: string;
  readonly createdAt: number;
  /** When title or text last changed. */
  readonly updatedAt: number;
}

/** As the store keeps it. */
export interface StoredDocument extends DocumentRecord, VersionedTitle {}

/** A new document with its initial content. */
export interface FirstText {
  readonly record: DocumentRecord;
  /** What anyone who has its address may do. */
  readonly anyone: AnyoneAccess;
  /** Versions 1, 2, … of its text; none for an empty document. */
  readonly operations: readonly LoggedOperation[];
  /** The creator's personal folder; empty for none. */
  readonly folder: string;
}

export interface DocumentRepository {
  /**
   * Creates the document, owned by `createdBy`, with its first text and its folder in one atomic write: after a crash
   * all of it is there, or nothing. Rejects with {@link DuplicateDocumentError} when the id is taken, and changes nothing then.
   */
  createWithText(first: FirstText, kept?: KeptWrite | null): Promise<void>;
  get(id: DocumentId): Promise<StoredDocument | null>;
  /** All ids, for `concord verify`. */
  ids(): Promise<readonly DocumentId[]>;
  /**
   * Gives the document another title, in one atomic write with the id of the renaming: see {@link renamed} of
   * store/core/rename.ts. Resolves to the title as it is then; null when there is no such document.
   */
  rename(id: DocumentId, rename: Rename, updatedAt: number): Promise<VersionedTitle | null>;
  /** Moves it into the trash, or out of it with null. Increments the access epoch. */
  setTrashed(id: DocumentId, at: number | null, kept?: KeptWrite | null): Promise<void>;
  /** Purges the document and everything that belongs to it; a tombstone keeps the id taken. */
  remove(id: DocumentId, kept?: KeptWrite | null): Promise<void>;
  /** Documents that were put into the trash before. */
  trashedBefore(at: number, limit: number): Promise<readonly DocumentId[]>;
}

export interface PersonRepository {
  nameOf(userId: string): Promise<string | null>;
  /** Name and user name of each of these people; null where they have none. */
  namesOf(
    userIds: readonly string[],
  ): Promise<
    ReadonlyMap<string, { readonly name: string | null; readonly userName: string | null }>
  >;
  setName(userId: string, name: string): Promise<void>;
}

/** The time by which things are deleted for their age (store/retention-time.ts). */
export interface RetentionRepository {
  /** As it was last set; null before the first time. */
  time(): Promise<RetentionTime | null>;
  setTime(time: RetentionTime): Promise<void>;
  /** The latest moment that any record of the store names as past; null for an empty store. Reads every document. */
  newestRecordAt(): Promise<number | null>;
}

/** Whether there is room to store more. */
export interface StorageRoom {
  /** Writes that need space reject with {@link StoreFullError}; reads, and writes that free space, succeed. */
  readonly isPaused: boolean;
  /** On the disk; null when it is not known. */
  readonly freeBytes: number | null;
}

export interface StorageRoomWatch {
  /** As it was last seen, a moment ago at most. */
  current(): StorageRoom;
  /** Called when saving is paused or goes on. Returns the function that stops it. */
  onChange(listener: (room: StorageRoom) => void): () => void;
}

/** Storage that a person uses now. */
export interface StorageUsage {
  /** That they created; the trash included. */
  readonly documents: number;
  readonly bytes: number;
}

export interface StorageCharge {
  readonly userId: string;
  readonly documentId: DocumentId;
  readonly bytes: number;
}

/** What is missing in a bucket of bytes by day (documents/quotas/byte-bucket.ts). */
export interface StorageDay {
  /** Whose: a person, or the guests or accounts of an address. */
  readonly bucket: string;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface UsageRepository {
  of(userId: string): Promise<StorageUsage>;
  /** Kept allowances by day. */
  days(): Promise<readonly StorageDay[]>;
  /** Replaces those of the same buckets, and forgets all from before a time. */
  keepDays(days: readonly StorageDay[], before: number): Promise<void>;
  /** Adds the charges. Those for purged documents are dropped. */
  charge(charges: readonly StorageCharge[]): Promise<void>;
}

export interface Store {
  /** What several servers share; null when this store serves one server alone. */
  readonly cluster: ClusterStore | null;
  readonly usage: UsageRepository;
  readonly room: StorageRoomWatch;
  readonly log: OperationLog;
  readonly checkpoints: CheckpointStore;
  readonly documents: DocumentRepository;
  readonly people: PersonRepository;
  readonly access: AccessRepository;
  readonly documentInvitations: DocumentInvitationRepository;
  readonly library: LibraryRepository;
  readonly search: SearchIndex;
  readonly accounts: AccountRepository;
  readonly authSessions: AuthSessionRepository;
  readonly apiTokens: ApiTokenRepository;
  readonly invitations: InvitationRepository;
  readonly keptAnswers: KeptAnswerRepository;
  readonly signingKeys: SigningKeyRepository;
  readonly retention: RetentionRepository;
  /** 32 random bytes, created on the first call with this name, and constant from then on. */
  secret(name: string): Promise<Uint8Array>;
  /** What several servers of one installation share; null for a store that one process has for itself. */
  readonly shared: SharedStore | null;
  /** Made when the store is created; a restored backup gets a new one (docs/faults.md#an-older-backup-is-restored). */
  readonly historyId: string;
  /** Subscribes to events of the store, starting with those found on opening. */
  listen(listener: (event: StoreEvent) => void): void;
  /** Finishes pending requests, then closes the files. */
  close(): Promise<void>;
}

/** Damage or loss in the files, described for the administrator. */
export interface StoreIncident {
  /** Where its report is, within the data directory. */
  readonly name: string;
  readonly kind: 'lostCommits' | 'damagedPages' | 'companion';
  /** ISO 8601; empty when not known. */
  readonly at: string;
  readonly message: string;
}

export type StoreEvent =
  /** Detected now or at an earlier start, and unresolved. */
  | { readonly type: 'incident'; readonly incident: StoreIncident; readonly isNew: boolean }
  /** Damaged and repaired; one sentence. */
  | { readonly type: 'repaired'; readonly message: string }
  /** What is derived from the texts is empty and has to be made again (jobs/indexing.ts). */
  | { readonly type: 'derivedReset' }
  /** No write can be made durable any more: the process must end. */
  | { readonly type: 'failed'; readonly error: StoreError };

/** The version is in the log already: another owner has written it (log first). */
export class DuplicateBatchError extends Error {
  readonly code = 'duplicateBatch';
}

/** A later owner has written: the appending one is fenced off, even if it has read the newest version since. */
export class FencedError extends Error {
  readonly code = 'fenced';
}

export class DuplicateDocumentError extends Error {
  readonly code = 'duplicateDocument';
}

/** What was read is not what was written. Says what to restore. */
export class CorruptionError extends Error {
  readonly code = 'corruption';
}

/** Neither writes nor reads work now. `fatal`: the disk's state is unknown, the process ends (docs/faults.md#the-disk-fails). */
export class StoreError extends Error {
  readonly code = 'storeUnavailable';
  readonly fatal: boolean;
  constructor(message: string, fatal: boolean, options?: ErrorOptions) {
    super(message, options);
    this.fatal = fatal;
  }
}

/** The store answered, and refused what was asked: it is available, and asking the same again is of no use. */
export class StoreAnsweredError extends StoreError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, false, options);
  }
}

/** A record with this id, or with another of its unique values, is there already. Nothing was changed. */
export class DuplicateRecordError extends StoreError {
  constructor(message = 'There is such a record already.', options?: ErrorOptions) {
    super(message, false, options);
  }
}

/** There is no room to store more. Nothing of the write was stored, and it can be tried again later. */
export class StoreFullError extends StoreError {
  constructor(message = 'The disk of the server is full: nothing more can be stored now.') {
    super(message, false);
  }
}
