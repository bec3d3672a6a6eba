/** Keeps replicas in IndexedDB. A replica is one row, so that what belongs together is written together. */
import { DocumentText } from '@concord/ot';
import type { ClientId, DocumentId } from '@concord/protocol';
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import { QueueStoreError, type QueueStore } from '../ports.ts';
import type { Replica } from '../replica.ts';

/** A replica with its text as a string. Fields are only ever added (faults.md: additive schemas). */
type ReplicaRow = Omit<Replica, 'confirmed'> & { readonly confirmed: string };

interface QueueSchema extends DBSchema {
  replicas: { key: string; value: ReplicaRow; indexes: { documentId: string } };
}

const SCHEMA_VERSION = 1;

export class IndexedDbQueueStore implements QueueStore {
  readonly #database: IDBPDatabase<QueueSchema>;
  /** The last text written, so that a long text is turned into a string once per change only. */
  #written: { readonly text: DocumentText; readonly confirmed: string } | null = null;

  private constructor(database: IDBPDatabase<QueueSchema>) {
    this.#database = database;
  }

  /** Rejects with QueueStoreError when the browser has no storage for us. */
  static async open(name = 'concord'): Promise<IndexedDbQueueStore> {
    try {
      const database = await openDB<QueueSchema>(name, SCHEMA_VERSION, {
        upgrade(db) {
          db.createObjectStore('replicas', { keyPath: 'clientId' }).createIndex(
            'documentId',
            'documentId',
          );
        },
        // A newer tab wants to upgrade: do not stand in its way.
        blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
      });
      return new IndexedDbQueueStore(database);
    } catch (error) {
      throw new QueueStoreError('This browser blocks storage', { cause: error });
    }
  }

  async load(documentId: DocumentId, clientId: ClientId): Promise<Replica | null> {
    const row = await this.#database.get('replicas', clientId);
    if (row?.documentId !== documentId) return null;
    return { ...row, confirmed: DocumentText.from(row.confirmed) };
  }

  async save(replica: Replica, durability: 'strict' | 'relaxed'): Promise<void> {
    if (this.#written?.text !== replica.confirmed) {
      this.#written = { text: replica.confirmed, confirmed: replica.confirmed.toString() };
    }
    try {
      const transaction = this.#database.transaction('replicas', 'readwrite', { durability });
      // `done` settles on abort too (a full disk aborts without an error of the request).
      await Promise.all([
        transaction.store.put({ ...replica, confirmed: this.#written.confirmed }),
        transaction.done,
      ]);
    } catch (error) {
      throw new QueueStoreError('This browser could not store the changes', { cause: error });
    }
  }

  async list(documentId: DocumentId): Promise<readonly ClientId[]> {
    const keys = await this.#database.getAllKeysFromIndex('replicas', 'documentId', documentId);
    return keys as ClientId[];
  }

  async remove(_documentId: DocumentId, clientId: ClientId): Promise<void> {
    await this.#database.delete('replicas', clientId);
  }

  close(): void {
    this.#database.close();
  }
}
