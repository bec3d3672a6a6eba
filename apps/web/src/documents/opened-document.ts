/** A document that is open: its client, and what the page shows of it, as a store that React can follow. */
import type { DocumentClient, DocumentStatus, EditRefused } from '@concord/client';
import { openDocument } from '@concord/client/browser';
import type { DocumentId, DocumentResource, Person, Role } from '@concord/protocol';
import { accessToken } from '../account/access-token.ts';
import { ownUserId } from '../account/account-store.ts';
import { getDocument, renameDocument } from './api.ts';
import { restoreDocument } from './library-api.ts';
import { TitleDraft } from './title-draft.ts';

/** "Saved" comes back only after this pause, so that the status keeps still while somebody types. */
const CALM_MS = 400;

export interface RefusedNotice extends EditRefused {
  readonly id: number;
}

export interface DocumentSnapshot {
  /** The text is there: the editor can be shown. */
  readonly isOpen: boolean;
  /** The client's, except that "saved" after "saving" comes a little late. Nothing is ever early. */
  readonly status: DocumentStatus;
  readonly title: string;
  readonly isTitleSaved: boolean;
  readonly people: readonly Person[];
  /** Present in all; `people` names the first hundred. */
  readonly peopleTotal: number;
  /** Own session number among the people; -1 before the first join. */
  readonly self: number;
  readonly role: Role | null;
  /** When it was put into the trash, as far as the page knows; null when it is not there. */
  readonly trashedAt: number | null;
  readonly refused: readonly RefusedNotice[];
}

/** With the queue of whoever uses this browser now. */
const openOwn = async (documentId: DocumentId): Promise<DocumentClient> =>
  openDocument({ documentId, userId: await ownUserId(), credentials: accessToken });

export class OpenedDocument {
  readonly documentId: DocumentId;
  readonly client: DocumentClient;
  readonly title: TitleDraft;
  readonly #listeners = new Set<() => void>();
  #snapshot: DocumentSnapshot;
  #nextNotice = 1;
  #calmTimer: ReturnType<typeof setTimeout> | undefined;

  static async open(documentId: DocumentId): Promise<OpenedDocument> {
    return new OpenedDocument(documentId, await openOwn(documentId));
  }

  private constructor(documentId: DocumentId, client: DocumentClient) {
    this.documentId = documentId;
    this.client = client;
    const { status, title, people, peopleTotal, role } = client;
    this.title = new TitleDraft(
      title,
      (draft, keepalive) => renameDocument(documentId, draft, { keepalive }),
      () => this.#change({ title: this.title.shown, isTitleSaved: this.title.isSaved }),
    );
    this.#snapshot = {
      isOpen: false,
      status,
      title,
      isTitleSaved: true,
      people,
      peopleTotal,
      self: -1,
      role,
      trashedAt: null,
      refused: [],
    };
    client.on('status', (newStatus) => this.#statusChanged(newStatus));
    client.on('title', (newTitle) => this.title.received(newTitle));
    client.on('people', (newPeople, self) =>
      this.#change({
        people: newPeople,
        peopleTotal: client.peopleTotal,
        self,
        role: client.role,
      }),
    );
    client.on('role', (newRole) => {
      this.#change({ role: newRole });
      // Into the trash and out of it changes what its owner may do.
      getDocument(documentId).then(
        (resource) => this.learn(resource),
        () => undefined,
      );
    });
    client.on('refused', (refused) => {
      const notice = { ...refused, id: this.#nextNotice++ };
      this.#change({ refused: [...this.#snapshot.refused, notice] });
    });
    client.whenOpen().then(
      () => this.#change({ isOpen: true }),
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
    if (this.client.role === null) this.title.received(title);
    this.#change({ trashedAt });
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

  dismissNotice(id: number): void {
    this.#change({ refused: this.#snapshot.refused.filter((notice) => notice.id !== id) });
  }

  close(): Promise<void> {
    clearTimeout(this.#calmTimer);
    this.title.close();
    return this.client.close();
  }

  #statusChanged(status: DocumentStatus): void {
    clearTimeout(this.#calmTimer);
    const { role } = this.client;
    if (status.kind === 'saved' && this.#snapshot.status.kind === 'saving') {
      this.#calmTimer = setTimeout(() => this.#change({ status, role }), CALM_MS);
    } else this.#change({ status, role });
  }

  #change(change: Partial<DocumentSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change };
    for (const listener of this.#listeners) listener();
  }
}
