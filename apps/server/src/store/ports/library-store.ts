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
  /** From the page before; one that cannot be read is as none. */
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
   * What the person may read *and* has to do with: an own role, or opened before (by link or address). Never
   * anything else, whatever is searched for. `trash` lists the trashed documents one owns; no other view has
   * any. Order: `recent` by visit, all others by change, newest first; ties by id (platform/core/text-order.ts).
   *
   * A search goes through at most `SEARCH_DOCUMENTS_MAX` of them, those that changed last first. Its order depends on
   * each document alone: words in the title first, then by their share of the text (search/ranking.ts). Its pages list
   * each hit once, whatever is written meanwhile. Rejects with the signal's reason when it is aborted.
   */
  list(query: LibraryQuery, signal?: AbortSignal): Promise<LibraryPage>;
  /**
   * One document, whatever the person may do with it: its role is the caller's to decide. Null when there is
   * none. Without a person, nothing personal is in it.
   */
  entry(documentId: DocumentId, userId: string | null): Promise<Omit<LibraryEntry, 'role'> | null>;
  /** The person's folders by name, with how many documents of `all` are in each. */
  folders(userId: string, now: number): Promise<readonly { name: string; documents: number }[]>;
  /** Remembers that this person opened the document; again is harmless. */
  recordVisit(userId: string, documentId: DocumentId, at: number): Promise<void>;
  setStarred(userId: string, documentId: DocumentId, starred: boolean): Promise<void>;
  setFolder(userId: string, documentId: DocumentId, folder: string): Promise<void>;
}

export interface SearchIndex {
  /** Replaces what is known of the document's text; an older version than the known one is ignored. */
  put(documentId: DocumentId, version: number, text: string): Promise<void>;
  /**
   * Documents whose text is not in the index as it is in the log, at most `limit`: by id, after the given one.
   * From the beginning (null), what is left of deleted documents is removed too.
   */
  behind(limit: number, after: DocumentId | null): Promise<readonly DocumentId[]>;
}
