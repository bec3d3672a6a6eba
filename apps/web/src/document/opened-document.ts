/** A document that is open: its client, and what the page shows of it, as a store that React can follow. */
import {
  newsOf,
  type DocumentStatus,
  type DocumentView,
  type Merge,
  type SteadyView,
} from '@concord/client';
import { openDocument, type SharedDocumentClient } from '@concord/client/browser';
import type { DocumentId, DocumentResource, Role } from '@concord/protocol';
import { ownUserId } from '../identity/account-store.ts';
import { openDeviceUndo, type UndoKeeping } from '../editor/device-undo.ts';
import { keepStorage } from '../device/persistent-storage.ts';
import { getDocument } from '../http/api.ts';
import { ownAccess } from '../offline/document-server.ts';
import type { RefusedNotice } from '../status/refused-notices.tsx';
import { isCopyCode } from '../status/copy-code.ts';
import { isSaved } from '../status/status-text.ts';
import { restoreDocument } from '../library/library-api.ts';

/** "Saved", or "Merged", comes back only after this pause, so that the status keeps still while somebody types. */
const CALM_MS = 400;

/**
 * The client's view, and what only the page knows. `status` is the client's, except that "saved" after "saving" comes a
 * little late; nothing is ever early. `title` and `role` may be the server's answer, until the client has news of them.
 */
export interface DocumentSnapshot extends SteadyView {
  /** The text is there: the editor can be shown. */
  readonly isOpen: boolean;
  /** What can be taken back of former visits; there when the document is open. */
  readonly undo: UndoKeeping | null;
  /** When it was put into the trash, as far as the page knows; null when it is not there. */
  readonly trashedAt: number | null;
  readonly refused: readonly RefusedNotice[];
  /** The latest one, until its review is done. */
  readonly merge: Merge | null;
}

/** With the queue of whoever uses this browser now. */
const openOwn = async (documentId: DocumentId, isNew: boolean): Promise<SharedDocumentClient> =>
  openDocument({ documentId, userId: await ownUserId(), ...ownAccess, isNew });

export class OpenedDocument {
  readonly documentId: DocumentId;
  readonly client: SharedDocumentClient;
  readonly #listeners = new Set<() => void>();
  /** The client's, whose news the snapshot has. */
  #view: DocumentView;
  #snapshot: DocumentSnapshot;
  /** For which the server was asked about the document. */
  #roleAsked: Role | null = null;
  #nextNotice = 1;
  #calmTimer: ReturnType<typeof setTimeout> | undefined;

  /** @param isNew it is begun here, and the server does not have it yet */
  static async open(documentId: DocumentId, isNew = false): Promise<OpenedDocument> {
    const undo = ownUserId().then((userId) => openDeviceUndo(documentId, userId));
    return new OpenedDocument(documentId, await openOwn(documentId, isNew), undo);
  }

  private constructor(
    documentId: DocumentId,
    client: SharedDocumentClient,
    undo: Promise<UndoKeeping>,
  ) {
    this.documentId = documentId;
    this.client = client;
    this.#view = client.view;
    this.#snapshot = {
      ...client.view,
      isOpen: false,
      undo: null,
      trashedAt: null,
      refused: [],
      merge: null,
    };
    this.#statusFollowed(client.view.status);
    client.subscribe(() => this.#viewChanged());
    client.on('refused', (refused) => {
      const notice = { ...refused, id: this.#nextNotice++ };
      this.#change({ refused: [...this.#snapshot.refused, notice] });
    });
    client.on('merge', (merge) => this.#change({ merge }));
    Promise.all([undo, client.whenOpen()]).then(
      ([kept]) => this.#change({ isOpen: true, undo: kept }),
      // Stopped or closed before there was a text: the status says so.
      () => undefined,
    );
  }

  readonly snapshot = (): DocumentSnapshot => this.#snapshot;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** What the server says of the document besides its text. */
  learn({ title, trashedAt }: Pick<DocumentResource, 'title' | 'trashedAt'>): void {
    // Once joined, titles come by the connection, in their order; this answer may be older than the newest.
    this.#change({ trashedAt, ...(this.client.view.isTitleKnown ? {} : { title }) });
  }

  /** Takes it out of the trash; false when that did not work. */
  async restore(): Promise<boolean> {
    try {
      await restoreDocument(this.documentId);
      this.#change({ trashedAt: null });
      return true;
    } catch {
      return false;
    }
  }

  /** Has this device's copy merged into the server's text, or replaced by it; false when that did not work. */
  async mergeCopy(isDiscarded: boolean): Promise<boolean> {
    try {
      // What this page knows is from before the server was restored.
      const { role } = await getDocument(this.documentId);
      this.#change({ role });
      await this.client.mergeCopy({ role, isDiscarded });
      return true;
    } catch {
      return false;
    }
  }

  dismissNotice(id: number): void {
    this.#change({ refused: this.#snapshot.refused.filter((notice) => notice.id !== id) });
  }

  /** The latest merge was reviewed. */
  dismissMerge(): void {
    this.#change({ merge: null });
  }

  close(): Promise<void> {
    clearTimeout(this.#calmTimer);
    return this.client.close();
  }

  #viewChanged(): void {
    const { view } = this.client;
    const news = newsOf(this.#view, view);
    this.#view = view;
    if (news === null) return;
    const { status, ...changed } = news;
    // A title that the client learns is no news of the title when it is empty, as it was before.
    const others = news.isTitleKnown === undefined ? changed : { ...changed, title: view.title };
    if (status === undefined) this.#change(others);
    else this.#statusChanged(status, others);
    if (view.role !== null && view.role !== this.#roleAsked) this.#askResource(view.role);
  }

  /** @param others what changed with it */
  #statusChanged(status: DocumentStatus, others: Partial<SteadyView>): void {
    clearTimeout(this.#calmTimer);
    this.#statusFollowed(status);
    const isCalmed = isSaved(status) && this.#snapshot.status.kind === 'saving';
    const withRole = (): Partial<SteadyView> => ({ status, role: this.client.view.role });
    if (isCalmed) this.#calmTimer = setTimeout(() => this.#change(withRole()), CALM_MS);
    this.#change(isCalmed ? others : { ...others, ...withRole() });
  }

  /** What the page does because of a status, besides showing it. */
  #statusFollowed(status: DocumentStatus): void {
    if (status.kind === 'offline' && status.unsent > 0) keepStorage();
    if (status.kind === 'stopped' && isCopyCode(status.code)) void this.#askRole();
  }

  /** Into the trash and out of it changes what the owner may do. */
  #askResource(role: Role): void {
    this.#roleAsked = role;
    getDocument(this.documentId).then(
      (resource) => this.learn(resource),
      () => undefined,
    );
  }

  /** The backup that the server was restored from may have another role for this person. */
  async #askRole(): Promise<void> {
    const resource = await getDocument(this.documentId).catch(() => null);
    if (resource !== null) this.#change({ role: resource.role });
  }

  #change(change: Partial<DocumentSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change };
    for (const listener of this.#listeners) listener();
  }
}
