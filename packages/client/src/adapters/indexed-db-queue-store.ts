/**
 * Keeps replicas in IndexedDB. A replica and its text are written in one transaction, so that what belongs
 * together is kept together. The text lies in pieces of which only new ones are written: a keystroke in
 * a text of a megabyte costs a kilobyte, not a megabyte.
 */
import { DocumentText } from '@concord/ot';
import type { ClientId, DocumentId } from '@concord/protocol';
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import { QueueStoreError, type QueueStore } from '../ports.ts';
import type { Replica } from '../replica.ts';

/** A replica with the keys of its text's pieces, in order. Fields are only ever added (faults.md). */
type ReplicaRow = Omit<Replica, 'confirmed'> & { readonly pieces: readonly number[] };

interface QueueSchema extends DBSchema {
  replicas: { key: string; value: ReplicaRow; indexes: { documentId: string } };
  pieces: { key: [clientId: string, piece: number]; value: string };
}

const SCHEMA_VERSION = 1;

/** What is known to be kept of one replica's text. */
interface KeptText {
  readonly text: DocumentText;
  readonly keys: readonly number[];
  readonly keyOf: WeakMap<object, number>;
  readonly nextKey: number;
}

export class IndexedDbQueueStore implements QueueStore {
  readonly #database: IDBPDatabase<QueueSchema>;
  /** By client; absent when the device may hold anything, and the next write replaces it all. */
  readonly #kept = new Map<ClientId, KeptText>();

  private constructor(database: IDBPDatabase<QueueSchema>) {
    this.#database = database;
  }

  /** Rejects with QueueStoreError when the browser has no storage for us. */
  static async open(name = 'concord'): Promise<IndexedDbQueueStore> {
    try {
      const database = await openDB<QueueSchema>(name, SCHEMA_VERSION, {
        upgrade(db) {
          const replicas = db.createObjectStore('replicas', { keyPath: 'clientId' });
          replicas.createIndex('documentId', 'documentId');
          db.createObjectStore('pieces');
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
    const transaction = this.#database.transaction(['replicas', 'pieces']);
    const row = await transaction.objectStore('replicas').get(clientId);
    if (row?.documentId !== documentId) return null;
    const { pieces: keys, ...rest } = row;
    const store = transaction.objectStore('pieces');
    const [kept, values] = await Promise.all([
      store.getAllKeys(allPieces(clientId)),
      store.getAll(allPieces(clientId)),
    ]);
    const textOf = new Map(kept.map(([, key], place) => [key, values[place]]));
    const texts = keys.map((key) => textOf.get(key));
    if (texts.includes(undefined)) throw new QueueStoreError('The text on this device is damaged');
    // Rows of the first version have no user.
    const { userId = null } = row as Partial<Replica>;
    return { ...rest, userId, confirmed: DocumentText.from(texts.join('')) };
  }

  async save(replica: Replica, durability: 'strict' | 'relaxed'): Promise<void> {
    const { confirmed, ...row } = replica;
    const { clientId } = replica;
    const before = this.#kept.get(clientId);
    const after = before?.text === confirmed ? before : keep(confirmed, before);
    try {
      const transaction = this.#database.transaction(['replicas', 'pieces'], 'readwrite', {
        durability,
      });
      const pieces = transaction.objectStore('pieces');
      const writes: Promise<unknown>[] = [];
      if (before === undefined) writes.push(pieces.delete(allPieces(clientId)));
      if (before !== after) {
        const [old, now] = [new Set(before?.keys), new Set(after.keys)];
        for (const [place, { text }] of confirmed.pieces.entries()) {
          const key = after.keys[place] ?? 0;
          if (!old.has(key)) writes.push(pieces.put(text, [clientId, key]));
        }
        for (const key of old) if (!now.has(key)) writes.push(pieces.delete([clientId, key]));
      }
      writes.push(transaction.objectStore('replicas').put({ ...row, pieces: after.keys }));
      // `done` settles on abort too (a full disk aborts without an error of the request).
      await Promise.all([...writes, transaction.done]);
      this.#kept.set(clientId, after);
    } catch (error) {
      this.#kept.delete(clientId);
      throw new QueueStoreError('This browser could not store the changes', { cause: error });
    }
  }

  async list(documentId: DocumentId): Promise<readonly ClientId[]> {
    const keys = await this.#database.getAllKeysFromIndex('replicas', 'documentId', documentId);
    return keys as ClientId[];
  }

  /** How many documents have edits on this device that the server does not have. */
  async countUnsent(): Promise<number> {
    const rows = await this.#database.getAll('replicas');
    const unsent = rows.filter(
      ({ inFlight, pendingEdits }) => inFlight !== null || pendingEdits > 0,
    );
    return new Set(unsent.map(({ documentId }) => documentId)).size;
  }

  async remove(_documentId: DocumentId, clientId: ClientId): Promise<void> {
    this.#kept.delete(clientId);
    const transaction = this.#database.transaction(['replicas', 'pieces'], 'readwrite');
    await Promise.all([
      transaction.objectStore('replicas').delete(clientId),
      transaction.objectStore('pieces').delete(allPieces(clientId)),
      transaction.done,
    ]);
  }

  close(): void {
    this.#database.close();
  }
}

/** Pieces that were kept before keep their keys; new ones get new keys, never used before in this store. */
function keep(text: DocumentText, before: KeptText | undefined): KeptText {
  const keyOf = before?.keyOf ?? new WeakMap<object, number>();
  let nextKey = before?.nextKey ?? 1;
  const keys = text.pieces.map((piece) => {
    const known = keyOf.get(piece);
    if (known !== undefined) return known;
    keyOf.set(piece, nextKey);
    return nextKey++;
  });
  return { text, keys, keyOf, nextKey };
}

const allPieces = (clientId: ClientId): IDBKeyRange =>
  IDBKeyRange.bound([clientId, 0], [clientId, Infinity]);
