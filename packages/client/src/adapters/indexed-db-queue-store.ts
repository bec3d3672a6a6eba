/**
 * Keeps replicas in IndexedDB. A replica and its text are written in one transaction, so that what belongs
 * together is kept together. The text lies in pieces of which only new ones are written: a keystroke in
 * a text of a megabyte costs a kilobyte, not a megabyte.
 *
 * A write asks for everything at once, its end included, and reads nothing: from then on it needs this page no more,
 * and is carried out though the page crashes or is closed. (Chromium carries out what was asked for in a
 * transaction whose end was asked for, and nothing of one that still waits for its page.)
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
  /** By client: how many writes under way change the text, and may yet fail. */
  readonly #changing = new Map<ClientId, number>();
  /** The term in which this tab writes a replica; without one, nobody else can have taken it over. */
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
    // Nobody else changes it from here on.
    if (this.#terms.has(clientId)) this.#kept.set(clientId, kept);
    return { ...absentBefore, ...formerDraft(row), ...rest, confirmed };
  }

  /** From here on this tab writes the replica; a former one that does not know it yet is refused. */
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
    const forgotten = Math.max(former - ENDS_KEPT, 0);
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
      // Without waiting, when the page may be about to go away.
      const database = this.#device.opened ?? (await this.#device.open());
      await this.#write(database, replica, durability);
    } catch (error) {
      this.#kept.delete(replica.clientId);
      const name = error instanceof DOMException ? error.name : '';
      if (name === 'ConstraintError') {
        throw new SupersededError('Another tab writes this document now', { cause: error });
      }
      // Closed under our hands: the next write opens it again.
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
    // While a write of another text may still fail, nothing is built on what it keeps.
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
        // Fails, and all of this with it, when the term has ended.
        writes.push(terms.add(term, endOf(clientId, term)), terms.delete(endOf(clientId, term)));
        // The browser may have taken everything away.
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

  /** A database that was taken away and made anew (eviction) has nothing of what was written before. */
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

/** So many ends of terms are kept of a replica: a tab that others followed so often was told of it by its lock. */
const ENDS_KEPT = 1_000;

/** Where it is noted, among the terms, that one has ended; in their order. */
const endOf = (clientId: ClientId, term: number): string =>
  `${clientId}:${String(term).padStart(12, '0')}`;

/** What rows of former versions do not have. */
const absentBefore = {
  ...{ userId: null, isNew: false, role: null, head: null },
  ...{ titleVersion: UNKNOWN_TITLE_VERSION, titleDraft: null },
};

/** A title that a former version kept, and the server does not have, as the renaming that it is. */
function formerDraft({ title, titleDraft }: Partial<ReplicaRow>): Pick<Replica, 'renames'> {
  const isChange = typeof titleDraft === 'string' && titleDraft !== title;
  if (!isChange) return { renames: [] };
  return { renames: [{ id: randomRenameId(), base: title ?? '', title: titleDraft }] };
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
