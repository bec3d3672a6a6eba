/**
 * Keeps replicas in IndexedDB. A replica and its text are written in one transaction, so that they are consistent
 * with each other. The text is stored in pieces, of which only new ones are written: a keystroke in a text of a
 * megabyte writes a kilobyte.
 *
 * A write issues all its requests and `commit()` in one task and reads nothing: from then on the browser completes it
 * without the page, also when the page crashes or is closed. (Chromium completes a transaction on which `commit()` was
 * called, and aborts one that still waits for its page.)
 */
import { DocumentText } from '@concord/ot';
import { randomRenameId, type ClientId, type DocumentId } from '@concord/protocol';
import { QueueStoreError, SupersededError, type QueueStore } from '../ports.ts';
import type { Replica } from '../core/replica.ts';
import { UNKNOWN_TITLE_VERSION } from '../core/title.ts';
import {
  allPieces,
  type Database,
  type DeviceDatabase,
  type ReplicaRow,
} from './device-database.ts';

/** The stored pieces of one replica's text, as far as known. */
interface KeptText {
  readonly text: DocumentText;
  readonly keys: readonly number[];
  readonly keyOf: WeakMap<object, number>;
  readonly nextKey: number;
}

export class IndexedDbQueueStore implements QueueStore {
  readonly #device: DeviceDatabase;
  /** By client; absent when the stored state is unknown, and the next write replaces all of it. */
  readonly #kept = new Map<ClientId, KeptText>();
  /** The connection through which that was written. */
  #database: Database | null = null;
  /** By client: number of pending writes that change the text and may still fail. */
  readonly #changing = new Map<ClientId, number>();
  /** Fencing token under which this tab writes a replica; absent for a replica that no other tab can know. */
  readonly #terms = new Map<ClientId, number>();

  constructor(device: DeviceDatabase) {
    this.#device = device;
  }

  load(documentId: DocumentId, clientId: ClientId): Promise<Replica | null> {
    return this.#device.answer(() => this.#load(documentId, clientId));
  }

  async #load(documentId: DocumentId, clientId: ClientId): Promise<Replica | null> {
    const database = await this.#device.open();
    this.#isIn(database);
    const transaction = database.transaction(['replicas', 'pieces']);
    const row = await transaction.objectStore('replicas').get(clientId);
    if (row?.documentId !== documentId) return null;
    const { pieces: keys, characters: _characters, ...rest } = row;
    const store = transaction.objectStore('pieces');
    const [keptKeys, values] = await Promise.all([
      store.getAllKeys(allPieces(clientId)),
      store.getAll(allPieces(clientId)),
    ]);
    const textOf = new Map(keptKeys.map(([, key], place) => [key, values[place]]));
    const texts = keys.map((key) => textOf.get(key));
    if (texts.includes(undefined)) throw new QueueStoreError('The text on this device is damaged');
    const confirmed = DocumentText.from(texts.join(''));
    const nextKey = Math.max(0, ...keys) + 1;
    const kept = { text: confirmed, keys, keyOf: new WeakMap(), nextKey };
    // This tab holds the term: no other writer can change the pieces from here on.
    if (this.#terms.has(clientId)) this.#kept.set(clientId, kept);
    return { ...absentBefore, ...formerDraft(row), ...rest, confirmed };
  }

  /** Raises the fencing token: from here on this tab writes the replica, and writes of a former one are refused. */
  beginTerm(clientId: ClientId): Promise<void> {
    return this.#device.answer(() => this.#beginTerm(clientId));
  }

  async #beginTerm(clientId: ClientId): Promise<void> {
    this.#terms.delete(clientId);
    this.#kept.delete(clientId);
    const database = await this.#device.open();
    const transaction = database.transaction('terms', 'readwrite');
    const former = (await transaction.store.get(clientId)) ?? 0;
    const term = former + 1;
    const forgotten = Math.max(former - MAX_ENDED_TERMS, 0);
    await Promise.all([
      transaction.store.put(term, clientId),
      transaction.store.put(former, endOf(clientId, former)),
      transaction.store.delete(IDBKeyRange.bound(endOf(clientId, 0), endOf(clientId, forgotten))),
      transaction.done,
    ]);
    this.#terms.set(clientId, term);
  }

  async save(replica: Replica, durability: 'strict' | 'relaxed'): Promise<void> {
    try {
      // Synchronously if possible: the page may be about to unload.
      const database = this.#device.opened ?? (await this.#device.open());
      await this.#write(database, replica, durability);
    } catch (error) {
      this.#kept.delete(replica.clientId);
      const name = error instanceof DOMException ? error.name : '';
      if (name === 'ConstraintError') {
        throw new SupersededError('Another tab writes this document now', { cause: error });
      }
      // The browser closed the connection: the next write opens a new one.
      if (name === 'InvalidStateError') this.#device.lost();
      throw new QueueStoreError('This browser could not store the changes', { cause: error });
    }
  }

  async #write(
    database: Database,
    replica: Replica,
    durability: 'strict' | 'relaxed',
  ): Promise<void> {
    const { confirmed, ...row } = replica;
    const { clientId } = replica;
    this.#isIn(database);
    const changing = this.#changing.get(clientId) ?? 0;
    // While a write of another text is pending and may fail, its pieces cannot be relied on.
    const before = changing > 0 ? undefined : this.#kept.get(clientId);
    const after = before?.text === confirmed ? before : keep(confirmed, before);
    const isChange = before !== after;
    if (isChange) this.#changing.set(clientId, changing + 1);
    try {
      const transaction = database.transaction(['replicas', 'pieces', 'terms'], 'readwrite', {
        durability,
      });
      const writes: Promise<unknown>[] = [];
      const term = this.#terms.get(clientId);
      if (term !== undefined) {
        const terms = transaction.objectStore('terms');
        // `add` violates the unique key if the term has ended, which aborts the whole transaction.
        writes.push(terms.add(term, endOf(clientId, term)), terms.delete(endOf(clientId, term)));
        // Restores the token after an eviction.
        writes.push(terms.put(term, clientId));
      }
      if (isChange) {
        const pieces = transaction.objectStore('pieces');
        if (before === undefined) writes.push(pieces.delete(allPieces(clientId)));
        const [old, now] = [new Set(before?.keys), new Set(after.keys)];
        for (const [place, { text }] of confirmed.pieces.entries()) {
          const key = after.keys[place] ?? 0;
          if (!old.has(key)) writes.push(pieces.put(text, [clientId, key]));
        }
        for (const key of old) if (!now.has(key)) writes.push(pieces.delete([clientId, key]));
      }
      const kept = { ...row, pieces: after.keys, characters: confirmed.lengthUtf16 };
      writes.push(transaction.objectStore('replicas').put(kept));
      transaction.commit();
      // `done` settles on abort too (a full disk aborts without an error of the request).
      await Promise.all([...writes, transaction.done]);
      if (!isChange) return;
      if (changing === 0) this.#kept.set(clientId, after);
      else this.#kept.delete(clientId);
    } finally {
      if (isChange) this.#changing.set(clientId, (this.#changing.get(clientId) ?? 1) - 1);
    }
  }

  /** Forgets the known pieces on a new connection: the database may have been evicted and created anew. */
  #isIn(database: Database): void {
    if (database !== this.#database) this.#kept.clear();
    this.#database = database;
  }

  list(documentId: DocumentId): Promise<readonly ClientId[]> {
    return this.#device.answer(async () => {
      const database = await this.#device.open();
      const keys = await database.getAllKeysFromIndex('replicas', 'documentId', documentId);
      return keys as ClientId[];
    });
  }

  /** Every replica on this device, without its text. */
  rows(): Promise<readonly ReplicaRow[]> {
    return this.#device.answer(async () => {
      const database = await this.#device.open();
      const rows = await database.getAll('replicas');
      return rows.map((row) => ({ ...absentBefore, ...formerDraft(row), ...row }));
    });
  }

  remove(_documentId: DocumentId, clientId: ClientId): Promise<void> {
    return this.#device.answer(() => this.#remove(clientId));
  }

  async #remove(clientId: ClientId): Promise<void> {
    this.#kept.delete(clientId);
    const database = await this.#device.open();
    const transaction = database.transaction(['replicas', 'pieces'], 'readwrite');
    await Promise.all([
      transaction.objectStore('replicas').delete(clientId),
      transaction.objectStore('pieces').delete(allPieces(clientId)),
      transaction.done,
    ]);
  }
}

/** Ended terms kept per replica; a tab superseded more often than this has been told by its lock long before. */
const MAX_ENDED_TERMS = 1_000;

/** Key, in the store of terms, that marks a term as ended; sorts by term. */
const endOf = (clientId: ClientId, term: number): string =>
  `${clientId}:${String(term).padStart(12, '0')}`;

/** Defaults of fields that rows of earlier versions lack. */
const absentBefore = {
  ...{ userId: null, isNew: false, role: null, head: null },
  ...{ titleVersion: UNKNOWN_TITLE_VERSION, titleDraft: null },
};

/** An unsent title as an earlier version stored it, converted to a pending rename. */
function formerDraft({ title, titleDraft }: Partial<ReplicaRow>): Pick<Replica, 'renames'> {
  const isChange = typeof titleDraft === 'string' && titleDraft !== title;
  if (!isChange) return { renames: [] };
  return { renames: [{ id: randomRenameId(), base: title ?? '', title: titleDraft }] };
}

/** Stored pieces keep their keys; new ones get keys never used before in this store. */
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
