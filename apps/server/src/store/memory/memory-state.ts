/** Everything that the memory store knows: its tables, which several of its parts share. */
import { randomUUID } from 'node:crypto';
import type { AnyoneAccess, DocumentId, RenameId, Role } from '@concord/protocol';
import type { ShareLinkRecord } from '../ports/access-store.ts';
import type {
  AccountRecord,
  ApiTokenRecord,
  AuthSessionRecord,
  BegunRequest,
  InvitationRecord,
  KeptAnswer,
} from '../ports/account-store.ts';
import type { DocumentInvitationRecord } from '../ports/document-invitation-store.ts';
import type { SigningKeyRecord } from '../ports/signing-key-store.ts';
import type {
  Checkpoint,
  EpochStart,
  LoggedOperation,
  StorageDay,
  StoredDocument,
} from '../ports/store.ts';
import type { RetentionTime } from '../retention-time.ts';
import { Journal, Table } from './tables.ts';

/** What one person keeps of a document. */
export interface PersonalRow {
  readonly visitedAt: number | null;
  readonly starred: boolean;
  readonly folder: string;
}

/** A document with all that is of it alone, so that deleting it is deleting one row. */
export interface DocumentRow {
  readonly stored: StoredDocument;
  readonly anyone: AnyoneAccess;
  readonly epoch: number;
  readonly trashedAt: number | null;
  /** Own roles by user id. */
  readonly people: ReadonlyMap<string, Role>;
  /** By user id. */
  readonly personal: ReadonlyMap<string, PersonalRow>;
  /** Oldest first. */
  readonly renames: readonly { readonly renameId: RenameId; readonly titleVersion: number }[];
  /** Bytes by author. */
  readonly usage: ReadonlyMap<string, number>;
}

export interface LinkRow {
  readonly record: ShareLinkRecord;
  /** User ids of those who opened it. */
  readonly openedBy: ReadonlySet<string>;
}

export interface DocumentInvitationRow {
  readonly record: DocumentInvitationRecord;
  readonly declinedAt: number | null;
  readonly isWithdrawn: boolean;
}

export interface RequestRow {
  readonly begun: BegunRequest;
  /** Null while it is not known. */
  readonly answer: KeptAnswer | null;
}

/** A text as the search finds it. */
export interface IndexedText {
  readonly version: number;
  readonly pieces: readonly string[];
  /** How often each word is there (search/search-words.ts). */
  readonly words: ReadonlyMap<string, number>;
  readonly wordCount: number;
}

export class MemoryState {
  readonly historyId = randomUUID();
  readonly journal = new Journal();

  readonly documents = this.#table<DocumentId, DocumentRow>();
  readonly removedDocuments = this.#table<DocumentId, true>();
  /** Version v of a document at place v - 1. Only ever appended to, and deleted as a whole. */
  readonly logs = this.#table<DocumentId, LoggedOperation[]>();
  /** Of the owners that appended, by document: the last one is that of the newest batch. */
  readonly ownerEpochs = this.#table<DocumentId, readonly EpochStart[]>();
  /** In the order of their versions. */
  readonly checkpoints = this.#table<DocumentId, readonly Checkpoint[]>();
  readonly links = this.#table<string, LinkRow>();
  readonly documentInvitations = this.#table<string, DocumentInvitationRow>();
  /** Names of people. */
  readonly names = this.#table<string, string>();

  readonly accounts = this.#table<string, AccountRecord>();
  readonly formerAccounts = this.#table<string, true>();
  readonly invitations = this.#table<string, InvitationRecord>();
  readonly sessions = this.#table<string, AuthSessionRecord>();
  readonly tokens = this.#table<string, ApiTokenRecord>();
  readonly requests = this.#table<string, RequestRow>();
  readonly secrets = this.#table<string, Uint8Array>();
  readonly signingKeys = this.#table<string, SigningKeyRecord>();

  readonly storageDays = this.#table<string, StorageDay>();
  readonly retentionTime = this.#table<'only', RetentionTime>();
  /** Derived from the texts. */
  readonly indexedTexts = this.#table<DocumentId, IndexedText>();

  headVersion(documentId: DocumentId): number {
    return this.logs.get(documentId)?.length ?? 0;
  }

  linksOf(documentId: DocumentId): readonly LinkRow[] {
    return this.links.filter(({ record }) => record.documentId === documentId);
  }

  /** Changes the document, if it is there. */
  changeDocument(documentId: DocumentId, change: (row: DocumentRow) => Partial<DocumentRow>): void {
    const row = this.documents.get(documentId);
    if (row !== undefined) this.documents.set(documentId, { ...row, ...change(row) });
  }

  /** Who may do what with the document changed. */
  raiseEpoch(documentId: DocumentId): void {
    this.changeDocument(documentId, ({ epoch }) => ({ epoch: epoch + 1 }));
  }

  #table<K, V>(): Table<K, V> {
    return new Table(this.journal);
  }
}

/** A map with one more entry, or another value of it. */
export function withEntry<K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> {
  return new Map(map).set(key, value);
}

export function withoutEntry<K, V>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> {
  const others = new Map(map);
  others.delete(key);
  return others;
}
