/** Use cases of documents apart from their texts: each is one change in the store, then its domain event. */
import type { AnyoneAccess, DocumentId, Limits, RenameId } from '@concord/protocol';
import { mayCreate, userIdOf, type Identified, type Principal } from '../access/principal.ts';
import type { DomainEvents } from '../platform/domain-events.ts';
import type { LibraryEntry } from '../store/ports/library-store.ts';
import { DuplicateDocumentError, type FirstText, type Store } from '../store/ports/store.ts';
import type { WriteThrough } from '../store/ports/write-through.ts';
import {
  readableDocument,
  requireDocument,
  requireNotTrashed,
  requireScopeFor,
  requireVerb,
  type AccessedDocument,
} from './document-access.ts';
import { DocumentError, documentNotFound } from './document-error.ts';
import { firstText, textOfNew } from './new-document.ts';
import { writerOf, type Quotas } from './quotas/quotas.ts';
import { requireRoomForDocument } from './quotas/require-room.ts';
import { costOfDocument } from './quotas/storage-cost.ts';

/** Longest text, in characters, that is indexed on creation; a longer one is indexed within a minute. */
const MAX_INDEXED_ON_CREATION = 64 * 1024;

export interface DocumentServiceOptions {
  readonly store: Store;
  readonly events: Pick<DomainEvents, 'publish'>;
  readonly limits: Limits;
  readonly quotas: Quotas;
  readonly guestsMayCreate: boolean;
}

export interface WantedDocument {
  readonly id: DocumentId;
  readonly title: string;
  readonly text: string;
  readonly anyone: AnyoneAccess;
  /** Personal, of the creator; empty for none. */
  readonly folder: string;
}

export interface CreatedDocument extends FirstText {
  readonly ownerName: string | null;
}

/** Absent fields stay unchanged. */
export interface DocumentChange {
  readonly rename?: {
    readonly title: string;
    readonly base: string | null;
    readonly renameId: RenameId | null;
  };
  readonly anyone?: AnyoneAccess | undefined;
  readonly starred?: boolean | undefined;
  readonly folder?: string | undefined;
}

/** Rejects when the document is not in the state that the request requires; checked after authorisation. */
export type Precondition = (accessed: AccessedDocument) => Promise<void>;

export class DocumentService {
  readonly #options: DocumentServiceOptions;

  constructor(options: DocumentServiceOptions) {
    this.#options = options;
  }

  /** Rejects with ScopeNeededError, {@link DocumentError} `notFound` or AccessError. */
  read(principal: Principal, id: DocumentId): Promise<AccessedDocument> {
    return requireDocument(this.#options.store, principal, id, 'read');
  }

  /** Its entry in the list of the principal. Rejects with {@link DocumentError} `notFound` when it was deleted. */
  async entry({
    id,
    principal,
  }: Pick<AccessedDocument, 'id' | 'principal'>): Promise<Omit<LibraryEntry, 'role'>> {
    const entry = await this.#options.store.library.entry(id, userIdOf(principal));
    if (entry === null) throw documentNotFound();
    return entry;
  }

  /** The document under a client-chosen id that is about to be created, if it exists. Rejects with ScopeNeededError. */
  existing(principal: Principal, id: DocumentId): Promise<AccessedDocument | null> {
    requireScopeFor(principal, 'write');
    return readableDocument(this.#options.store, principal, id);
  }

  /**
   * Rejects with ScopeNeededError, or {@link DocumentError} `accountNeeded`, `quotaExceeded`, `documentTooLarge`, or
   * `notFound` for an id that is another person's.
   * @param address of the request
   */
  async create(
    creator: Identified,
    address: string,
    wanted: WantedDocument,
    through: WriteThrough<CreatedDocument>,
  ): Promise<CreatedDocument> {
    const { store, events, limits, quotas, guestsMayCreate } = this.#options;
    requireScopeFor(creator, 'write');
    if (wanted.anyone !== 'off') requireScopeFor(creator, 'share');
    if (!mayCreate({ guestsMayCreate }, creator)) throw guestsMayNotCreate();
    const writer = writerOf(creator, address);
    await requireRoomForDocument(quotas, writer);
    const first = firstText(limits, { ...wanted, owner: creator.userId });
    const created = { ...first, ownerName: await store.people.nameOf(creator.userId) };
    await store.documents.createWithText(first, through(created)).catch((error: unknown) => {
      throw error instanceof DuplicateDocumentError ? documentNotFound() : error;
    });
    quotas.charge(writer, wanted.id, costOfDocument(wanted.text));
    const text = textOfNew(first);
    await events.publish({
      type: 'documentCreated',
      documentId: wanted.id,
      version: first.operations.length,
      text: text.lengthCodePoints > MAX_INDEXED_ON_CREATION ? null : text.toString(),
    });
    return created;
  }

  /**
   * Changes title and public access, and the personal star and folder. All or nothing: one refused field refuses all.
   * Rejects with ScopeNeededError, AccessError, {@link DocumentError} `notFound` or `inTrash`, or as the precondition.
   * @param identified resolves the identity of the principal; called only when star or folder change
   */
  async change(
    principal: Principal,
    id: DocumentId,
    change: DocumentChange,
    precondition: Precondition,
    identified: () => Promise<Identified>,
  ): Promise<AccessedDocument> {
    const { store, events } = this.#options;
    const { rename, anyone, starred, folder } = change;
    const accessed = await this.read(principal, id);
    requireScopeFor(principal, anyone === undefined ? 'write' : 'share');
    if (rename !== undefined) requireVerb(accessed, 'write');
    if (anyone !== undefined) requireVerb(accessed, 'share');
    if (rename !== undefined || anyone !== undefined) requireNotTrashed(accessed);
    await precondition(accessed);
    if (rename !== undefined) await this.#rename(id, rename);
    if (anyone !== undefined) {
      await store.access.setAnyone(id, anyone);
      await events.publish({ type: 'accessChanged', documentId: id });
    }
    if (starred === undefined && folder === undefined) return this.read(principal, id);
    const person = await identified();
    if (starred !== undefined) await store.library.setStarred(person.userId, id, starred);
    if (folder !== undefined) await store.library.setFolder(person.userId, id, folder);
    return this.read(person, id);
  }

  /**
   * Moves it into the trash, or purges it when it is there already.
   * Rejects as {@link change} does, or with {@link DocumentError} `inTrash` or `notInTrash`.
   */
  async delete(
    principal: Principal,
    id: DocumentId,
    isForEver: boolean,
    precondition: Precondition,
    through: WriteThrough,
  ): Promise<void> {
    const { store, events } = this.#options;
    const accessed = await requireDocument(store, principal, id, 'delete');
    await precondition(accessed);
    const { isTrashed } = accessed.access;
    if (isTrashed && !isForEver) {
      const detail = 'It is in the trash: `?forever=true` deletes it permanently.';
      throw new DocumentError('inTrash', detail);
    }
    if (!isTrashed && isForEver) {
      const detail =
        'Only what is in the trash can be deleted permanently: delete it without `forever` first.';
      throw new DocumentError('notInTrash', detail);
    }
    if (isForEver) return this.purge(id, through);
    await store.documents.setTrashed(id, Date.now(), through());
    await events.publish({ type: 'accessChanged', documentId: id });
  }

  /** Restores it from the trash; a document that is not there stays unchanged. Rejects as {@link read} does. */
  async restore(principal: Principal, id: DocumentId): Promise<AccessedDocument> {
    const { store, events } = this.#options;
    const accessed = await requireDocument(store, principal, id, 'delete');
    if (!accessed.access.isTrashed) return accessed;
    await store.documents.setTrashed(id, null);
    await events.publish({ type: 'accessChanged', documentId: id });
    return accessed;
  }

  /** Deletes the document permanently, without authorisation. */
  async purge(id: DocumentId, through: WriteThrough = () => null): Promise<void> {
    const { store, events } = this.#options;
    // Its owner stops writing before the purge; one that was opened in the meantime is closed after it.
    await events.publish({ type: 'documentPurging', documentId: id });
    await store.documents.remove(id, through());
    await events.publish({ type: 'documentPurged', documentId: id });
  }

  async #rename(id: DocumentId, rename: NonNullable<DocumentChange['rename']>): Promise<void> {
    const { store, events } = this.#options;
    const named = await store.documents.rename(id, rename, Date.now());
    if (named === null) throw documentNotFound();
    const { renameId } = rename;
    await events.publish({ type: 'documentRenamed', documentId: id, ...named, renameId });
  }
}

function guestsMayNotCreate(): DocumentError {
  const detail = 'Here only people with an account create documents: sign in first.';
  return new DocumentError('accountNeeded', detail);
}
