/**
 * Keeps replicas in IndexedDB. A replica and its text are written in one transaction, so that what belongs
 * together is kept together. The text lies in pieces of which only new ones are written: a keystroke in
 * a text of a megabyte costs a kilobyte, not a megabyte.
 */
import { DocumentText } from '@concord/ot';
import type { ClientId, DocumentId } from '@concord/protocol';
import { QueueStoreError, SupersededError, type QueueStore } from '../ports.ts';
import type { Replica } from '../replica.ts';
import {
  allPieces,
  type Database,
  type DeviceDatabase,
  type ReplicaRow,
} from './device-database.ts';

/** What is known to be kept of one replica's text. */
interface KeptText {
  readonly text: DocumentText;
  readonly keys: readonly number[];
  readonly keyOf: WeakMap<object, number>;
  readonly nextKey: number;
}

export class IndexedDbQueueStore implements QueueStore {
  readonly #device: DeviceDatabase;
  /** By client; absent when the device may hold anything, and the next write replaces it all. */
  readonly #kept = new Map<ClientId, KeptText>();
  /** Where that was written. */
  #database: Database | null = null;
  readonly #writing = new Map<ClientId, number>();
  /** The term in which this tab writes a replica; without one, nobody else can have taken it over. */
  readonly #terms = new Map<ClientId, number>();

  constructor(device: DeviceDatabase) {
    this.#device = device;
  }

  async load(documentId: DocumentId, clientId: ClientId): Promise<Replica | null> {
    const database = await this.#device.open();
    const transaction = database.transaction(['replicas', 'pieces']);
    const row = await transaction.objectStore('replicas').get(clientId);
    if (row?.documentId !== documentId) return null;
    const { pieces: keys, characters: _characters, ...rest } = row;
    const store = transaction.objectStore('pieces');
    const [kept, values] = await Promise.all([
      store.getAllKeys(allPieces(clientId)),
      store.getAll(allPieces(clientId)),
    ]);
    const textOf = new Map(kept.map(([, key], place) => [key, values[place]]));
    const texts = keys.map((key) => textOf.get(key));
    if (texts.includes(undefined)) throw new QueueStoreError('The text on this device is damaged');
    return { ...absentBefore, ...rest, confirmed: DocumentText.from(texts.join('')) };
  }

  /** From here on this tab writes the replica; a former one that does not know it yet is refused. */
  async beginTerm(clientId: ClientId): Promise<void> {
    const database = await this.#device.open();
    const transaction = database.transaction('terms', 'readwrite');
    const term = ((await transaction.store.get(clientId)) ?? 0) + 1;
    await Promise.all([transaction.store.put(term, clientId), transaction.done]);
    this.#terms.set(clientId, term);
  }

  async save(replica: Replica, durability: 'strict' | 'relaxed', isHurried = false): Promise<void> {
    try {
      // Without waiting, when the page may be about to go away.
      const database = this.#device.opened ?? (await this.#device.open());
      await this.#write(database, replica, durability, isHurried);
    } catch (error) {
      this.#kept.delete(replica.clientId);
      if (error instanceof SupersededError) throw error;
      // Closed under our hands: the next write opens it again.
      if (error instanceof DOMException && error.name === 'InvalidStateError') this.#device.lost();
      throw new QueueStoreError('This browser could not store the changes', { cause: error });
    }
  }

  async #write(
    database: Database,
    replica: Replica,
    durability: 'strict' | 'relaxed',
    isHurried: boolean,
  ): Promise<void> {
    const { confirmed, ...row } = replica;
    const { clientId } = replica;
    // A database that was taken away and made anew (eviction) has nothing of what was written before.
    if (database !== this.#database) this.#kept.clear();
    this.#database = database;
    const writing = this.#writing.get(clientId) ?? 0;
    // While another write may still fail, nothing is built on what it keeps.
    const before = writing > 0 ? undefined : this.#kept.get(clientId);
    const after = before?.text === confirmed ? before : keep(confirmed, before);
    this.#writing.set(clientId, writing + 1);
    try {
      const transaction = database.transaction(['replicas', 'pieces', 'terms'], 'readwrite', {
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
      const kept = { ...row, pieces: after.keys, characters: confirmed.lengthUtf16 };
      writes.push(transaction.objectStore('replicas').put(kept));
      const term = this.#terms.get(clientId);
      // Nobody is told of a page's requests any more once it went away: what it asked for counts only when it also
      // asked for its end (10 of 10 in Chromium, against none). Then there is no time to ask for the term.
      if (isHurried) transaction.commit();
      else if (term !== undefined) {
        const terms = transaction.objectStore('terms');
        const check = terms.get(clientId);
        writes.push(
          check.then(async (now) => {
            // None at all: the browser took everything away, and this tab is still the writer.
            if (now === undefined) await terms.put(term, clientId);
            if (now === undefined || now === term) return;
            transaction.abort();
            throw new SupersededError('Another tab writes this document now');
          }),
        );
      }
      // `done` settles on abort too (a full disk aborts without an error of the request).
      await Promise.all([...writes, transaction.done]);
      if (writing === 0) this.#kept.set(clientId, after);
      else this.#kept.delete(clientId);
    } finally {
      this.#writing.set(clientId, (this.#writing.get(clientId) ?? 1) - 1);
    }
  }

  async list(documentId: DocumentId): Promise<readonly ClientId[]> {
    const database = await this.#device.open();
    const keys = await database.getAllKeysFromIndex('replicas', 'documentId', documentId);
    return keys as ClientId[];
  }

  /** Every replica on this device, without its text. */
  async rows(): Promise<readonly ReplicaRow[]> {
    const database = await this.#device.open();
    const rows = await database.getAll('replicas');
    return rows.map((row) => ({ ...absentBefore, ...row }));
  }

  async remove(_documentId: DocumentId, clientId: ClientId): Promise<void> {
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

/** What rows of former versions do not have. */
const absentBefore = { userId: null, isNew: false, role: null, titleDraft: null };

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
