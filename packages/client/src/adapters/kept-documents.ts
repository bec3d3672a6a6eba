/** Which documents this device has, for lists; which may leave it; and what editors keep beside the text. */
import type { DocumentId } from '@concord/protocol';
import type { DeviceDatabase, ReplicaRow, UseRow } from './device-database.ts';
import type { IndexedDbQueueStore } from './indexed-db-queue-store.ts';

export interface KeptDocument {
  readonly documentId: DocumentId;
  readonly title: string;
  /** When it was opened here last; 0 when that was before the app kept count. */
  readonly usedAtMs: number;
  /** Edits that the server does not have. */
  readonly unsent: number;
  /** A person wants it here, whether it was used lately or not. */
  readonly isKeptOffline: boolean;
  /** Made here, and not on the server yet. */
  readonly isNew: boolean;
  /** Into which it was put when it was made here; empty for none. */
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

/** How much of what nobody asked to keep stays on the device. */
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

  /** What this person can open here without a network; the last used first. Rejects with QueueStoreError. */
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

  /** A person opened it now. */
  async used(documentId: DocumentId, userId: string): Promise<void> {
    await this.#changeUse(documentId, userId, { usedAtMs: Date.now() });
  }

  /** A person begins it in a folder; the server hears of that with the document. */
  async begunIn(documentId: DocumentId, userId: string, folder: string): Promise<void> {
    await this.#changeUse(documentId, userId, { folder });
  }

  /** Where it was begun on this device; empty for no folder. */
  async folderOf(documentId: DocumentId, userId: string): Promise<string> {
    const use = await this.#device.answer(async () => {
      const database = await this.#device.open();
      return database.get('uses', [userId, documentId]);
    });
    return use?.folder ?? '';
  }

  /** A person wants it on this device, or wants it no longer. */
  async keepOffline(documentId: DocumentId, userId: string, isKept: boolean): Promise<void> {
    await this.#changeUse(documentId, userId, { isKeptOffline: isKept });
  }

  /**
   * Takes documents from the device that were not used for longest, until the rest is within the limits. Never one
   * with edits that the server does not have, one that is kept offline, or one of `open`.
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
   * Takes everything of a person from this device, as after signing out on a shared computer. What the server does not
   * have stays, unless `alsoUnsent`. Tabs that still write one of them are refused from here on.
   * Resolves with how many documents stay. Rejects with QueueStoreError.
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
    // The page may be about to go away.
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

/** The device has something of it that the server does not have. */
export const isOwed = (row: ReplicaRow): boolean =>
  row.inFlight !== null || row.pendingEdits > 0 || row.titleDraft !== null || row.isNew;
