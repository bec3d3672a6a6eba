/** The part of the store port that lists and finds documents, for one person at a time. */
import type { AnyoneAccess, DocumentId, DocumentView, Role } from '@concord/protocol';
import type { StoredDocument } from './store.ts';

/** A document as one person sees it in their list. */
export interface LibraryEntry extends StoredDocument {
  /** As `currentRole` decides (access/core/permissions.ts). */
  readonly role: Role;
  readonly anyone: AnyoneAccess;
  /** Version of the newest logged operation. */
  readonly version: number;
  /** As `namedOwner` decides (access/core/permissions.ts). */
  readonly ownerId: string;
  /** As chosen by the owner; null for a guest's given name. */
  readonly ownerName: string | null;
  readonly trashedAt: number | null;
  readonly starred: boolean;
  readonly folder: string;
  readonly visitedAt: number | null;
  /** The passage found by a search, hits between U+0002 and U+0003; null without a search. */
  readonly passage: string | null;
}

export interface LibraryQuery {
  readonly userId: string;
  readonly view: DocumentView;
  readonly folder: string | null;
  /**
   * Words, characters of a script without spaces, symbols (search/search-words.ts): all of them must be in title or
   * text, the last word may be unfinished. Null for no search.
   */
  readonly search: string | null;
  readonly limit: number;
  /** From the previous page; an invalid one is ignored. */
  readonly cursor: string | null;
  /** Milliseconds since 1970, for links that expire. */
  readonly now: number;
}

export interface LibraryPage {
  readonly entries: readonly LibraryEntry[];
  readonly nextCursor: string | null;
}

export interface LibraryRepository {
  /**
   * Documents that the person may read *and* is related to: by a role, or by having opened them (by link or address).
   * Searches are limited to these too. `trash` lists the trashed documents that the person owns; other views list no
   * trashed ones. Order: `recent` by visit, all others by change, newest first; ties by id
   * (platform/core/text-order.ts).
   *
   * A search goes through at most `SEARCH_DOCUMENTS_MAX` of them, those that changed last first. Its order depends on
   * each document alone: words in the title first, then by their share of the text (search/ranking.ts). Its pages list
   * each hit once, whatever is written meanwhile. Rejects with the signal's reason when it is aborted.
   */
  list(query: LibraryQuery, signal?: AbortSignal): Promise<LibraryPage>;
  /**
   * One document, without authorisation, which is up to the caller. Null when it does not exist. Without a person, the
   * personal fields are empty.
   */
  entry(documentId: DocumentId, userId: string | null): Promise<Omit<LibraryEntry, 'role'> | null>;
  /** The person's folders by name, with how many documents of `all` are in each. */
  folders(userId: string, now: number): Promise<readonly { name: string; documents: number }[]>;
  /** Records that this person opened the document; idempotent. */
  recordVisit(userId: string, documentId: DocumentId, at: number): Promise<void>;
  setStarred(userId: string, documentId: DocumentId, starred: boolean): Promise<void>;
  setFolder(userId: string, documentId: DocumentId, folder: string): Promise<void>;
}

export interface SearchIndex {
  /** Replaces the indexed text of the document; ignored for a version older than the indexed one. */
  put(documentId: DocumentId, version: number, text: string): Promise<void>;
  /**
   * Documents whose indexed text is not the newest, at most `limit`, by id after the given one. A call from the
   * beginning (null) also removes remains of deleted documents.
   */
  behind(limit: number, after: DocumentId | null): Promise<readonly DocumentId[]>;
}
