/** Documents stored on this device: listing, LRU eviction, removal; and the undo histories kept beside the text. */
import type { DocumentId } from '@concord/protocol';
import type { DeviceDatabase, ReplicaRow, UseRow } from './device-database.ts';
import type { IndexedDbQueueStore } from './indexed-db-queue-store.ts';

export interface KeptDocument {
  readonly documentId: DocumentId;
  readonly title: string;
  /** When it was last opened on this device; 0 if that was before the app recorded it. */
  readonly usedAtMs: number;
  /** Edits that the server does not have. */
  readonly unsent: number;
  /** Pinned for offline use: exempt from eviction. */
  readonly isKeptOffline: boolean;
  /** Created on this device, and not on the server yet. */
  readonly isNew: boolean;
  /** The folder it was created in on this device; empty for none. */
  readonly folder: string;
  /** Length of the text in UTF-16 units. */
  readonly characters: number;
  readonly version: number;
}

/** An editor's history of changes, and the checksum of the text that it belongs to. */
export interface KeptUndo {
  readonly checksum: number;
  readonly history: unknown;
}

/** Limits of the LRU cache of documents that are not pinned. */
export interface KeepingLimits {
  readonly documents: number;
  readonly characters: number;
}

export class KeptDocuments {
  readonly #device: DeviceDatabase;
  readonly #queueStore: IndexedDbQueueStore;

  constructor(device: DeviceDatabase, queueStore: IndexedDbQueueStore) {
    this.#device = device;
    this.#queueStore = queueStore;
  }

  /** Documents this person can open offline, most recently used first. Rejects with QueueStoreError. */
  async list(userId: string): Promise<readonly KeptDocument[]> {
    const [rows, uses] = await this.#device.answer(async () => {
      const database = await this.#device.open();
      return Promise.all([this.#queueStore.rows(), database.getAll('uses')]);
    });
    const useOf = new Map(
      uses.filter((use) => use.userId === userId).map((use) => [use.documentId, use]),
    );
    const kept = new Map<DocumentId, KeptDocument>();
    for (const row of rows) {
      if (row.userId !== userId || !row.opened) continue;
      const former = kept.get(row.documentId);
      const use = useOf.get(row.documentId);
      kept.set(row.documentId, {
        documentId: row.documentId,
        title: row.titleDraft ?? (row.title === '' ? (former?.title ?? '') : row.title),
        usedAtMs: use?.usedAtMs ?? 0,
        unsent: unsentOf(row) + (former?.unsent ?? 0),
        isKeptOffline: use?.isKeptOffline ?? false,
        isNew: row.isNew,
        folder: use?.folder ?? '',
        characters: (row.characters ?? 0) + (former?.characters ?? 0),
        version: Math.max(row.version, former?.version ?? 0),
      });
    }
    return [...kept.values()].sort((a, b) => b.usedAtMs - a.usedAtMs);
  }

  /** Records that a person opened the document now. */
  async used(documentId: DocumentId, userId: string): Promise<void> {
    await this.#changeUse(documentId, userId, { usedAtMs: Date.now() });
  }

  /** Records the folder of a document created on this device; the server learns it with the document. */
  async begunIn(documentId: DocumentId, userId: string, folder: string): Promise<void> {
    await this.#changeUse(documentId, userId, { folder });
  }

  /** The folder it was created in on this device; empty for none. */
  async folderOf(documentId: DocumentId, userId: string): Promise<string> {
    const use = await this.#device.answer(async () => {
      const database = await this.#device.open();
      return database.get('uses', [userId, documentId]);
    });
    return use?.folder ?? '';
  }

  /** Pins or unpins a document for offline use. */
  async keepOffline(documentId: DocumentId, userId: string, isKept: boolean): Promise<void> {
    await this.#changeUse(documentId, userId, { isKeptOffline: isKept });
  }

  /**
   * LRU eviction: removes the least recently used documents until the rest is within the limits. Never one with unsent
   * edits, one that is pinned, or one of `open`.
   */
  async forgetLeastUsed(
    userId: string,
    limits: KeepingLimits,
    open: ReadonlySet<DocumentId>,
  ): Promise<void> {
    const rows = await this.#queueStore.rows();
    let [documents, characters] = [0, 0];
    for (const kept of await this.list(userId)) {
      if (kept.isKeptOffline) continue;
      documents += 1;
      characters += kept.characters;
      const isOver = documents > limits.documents || characters > limits.characters;
      if (!isOver || open.has(kept.documentId)) continue;
      const own = rows.filter((row) => row.documentId === kept.documentId && row.userId === userId);
      if (own.some(isOwed)) continue;
      for (const { clientId } of own) await this.#queueStore.remove(kept.documentId, clientId);
      await this.#forgetRest(kept.documentId, userId);
    }
  }

  /**
   * Removes everything of a person from this device, as after signing out on a shared computer. Documents with unsent
   * edits stay, unless `alsoUnsent`. Later writes of tabs that still have one open are refused.
   * Resolves with the number of documents that stay. Rejects with QueueStoreError.
   */
  async removeAll(userId: string, { alsoUnsent = false } = {}): Promise<number> {
    const own = (await this.#queueStore.rows()).filter((row) => row.userId === userId);
    const owed = new Set(own.filter(isOwed).map(({ documentId }) => documentId));
    const stays = (documentId: string): boolean =>
      !alsoUnsent && owed.has(documentId as DocumentId);
    for (const { documentId, clientId } of own) {
      if (stays(documentId)) continue;
      await this.#queueStore.beginTerm(clientId);
      await this.#queueStore.remove(documentId, clientId);
    }
    await this.#device.answer(() => this.#forgetUses(userId, stays));
    return alsoUnsent ? 0 : owed.size;
  }

  async #forgetUses(userId: string, stays: (documentId: string) => boolean): Promise<void> {
    const database = await this.#device.open();
    const transaction = database.transaction(['uses', 'undo'], 'readwrite');
    const done: Promise<unknown>[] = [];
    for (const store of [transaction.objectStore('uses'), transaction.objectStore('undo')]) {
      for (const key of await store.getAllKeys(ofUser(userId))) {
        if (!stays(key[1])) done.push(store.delete(key));
      }
    }
    await Promise.all([...done, transaction.done]);
  }

  async loadUndo(documentId: DocumentId, userId: string): Promise<KeptUndo | null> {
    const undo = await this.#device.answer(async () => {
      const database = await this.#device.open();
      return database.get('undo', [userId, documentId]);
    });
    return (undo as KeptUndo | undefined) ?? null;
  }

  async saveUndo(documentId: DocumentId, userId: string, undo: KeptUndo): Promise<void> {
    const database = this.#device.opened ?? (await this.#device.open());
    const transaction = database.transaction('undo', 'readwrite');
    const written = transaction.store.put(undo, [userId, documentId]);
    // The page may be about to unload.
    transaction.commit();
    await Promise.all([written, transaction.done]);
  }

  async #forgetRest(documentId: DocumentId, userId: string): Promise<void> {
    await this.#device.answer(async () => {
      const database = await this.#device.open();
      await database.delete('undo', [userId, documentId]);
      await database.delete('uses', [userId, documentId]);
    });
  }

  #changeUse(documentId: DocumentId, userId: string, change: Partial<UseRow>): Promise<void> {
    return this.#device.answer(() => this.#putUse(documentId, userId, change));
  }

  async #putUse(documentId: DocumentId, userId: string, change: Partial<UseRow>): Promise<void> {
    const database = await this.#device.open();
    const transaction = database.transaction('uses', 'readwrite');
    const former = await transaction.store.get([userId, documentId]);
    const use = { documentId, userId, usedAtMs: 0, isKeptOffline: false, ...former, ...change };
    await Promise.all([transaction.store.put(use), transaction.done]);
  }
}

const ofUser = (userId: string): IDBKeyRange => IDBKeyRange.bound([userId, ''], [userId, '\uffff']);

const unsentOf = (row: ReplicaRow): number => (row.inFlight?.edits ?? 0) + row.pendingEdits;

/** Whether the replica has edits, renames or a creation that the server has not acknowledged. */
export const isOwed = (row: ReplicaRow): boolean =>
  row.inFlight !== null || row.pendingEdits > 0 || row.titleDraft !== null || row.isNew;
