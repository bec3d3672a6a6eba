/**
 * Persists the cached library of each person who uses this browser: database `concord-library`. Only a cache: if it is
 * lost, the list needs the network again. No exported function rejects.
 */
import { inTime } from '@concord/client';
import type { KnownLibrary } from './kept-list.ts';

const NAME = 'concord-library';
const VERSION = 1;
/** By user id. */
const STORE = 'libraries';
/** A transaction of another tab may take without a bound: the list waits no longer than this. */
const ANSWER_TIMEOUT_MS = 2_000;

/** The cached library; empty if there is none, or without storage. */
export async function loadKnown(userId: string): Promise<KnownLibrary> {
  return withStore('readonly', (store, resolve) => {
    const reading = store.get(userId) as IDBRequest<KnownLibrary | undefined>;
    reading.onsuccess = () => resolve(reading.result ?? []);
  }).catch(() => []);
}

/** Updates the cache in one transaction, since other tabs do the same. Resolves with the result. */
export async function updateKnown(
  userId: string,
  update: (known: KnownLibrary) => KnownLibrary,
): Promise<KnownLibrary> {
  return withStore('readwrite', (store, resolve) => {
    const reading = store.get(userId) as IDBRequest<KnownLibrary | undefined>;
    reading.onsuccess = () => {
      const known = update(reading.result ?? []);
      store.put(known, userId);
      resolve(known);
    };
  }).catch(() => update([]));
}

/** Deletes a person's cache, for instance on signing out. */
export async function forgetKnown(userId: string): Promise<void> {
  await withStore('readwrite', (store) => void store.delete(userId)).catch(() => undefined);
}

/** Runs `work` in a transaction. Resolves with its result after commit; rejects on failure or timeout. */
async function withStore(
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore, resolve: (known: KnownLibrary) => void) => void,
): Promise<KnownLibrary> {
  const known = await inTime(run(mode, work), ANSWER_TIMEOUT_MS, null);
  if (known === null) throw reasonOf(null);
  return known;
}

async function run(
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore, resolve: (known: KnownLibrary) => void) => void,
): Promise<KnownLibrary> {
  const database = await open();
  try {
    return await new Promise<KnownLibrary>((resolve, reject) => {
      let result: KnownLibrary = [];
      const transaction = database.transaction(STORE, mode);
      transaction.oncomplete = () => resolve(result);
      transaction.onabort = () => reject(reasonOf(transaction.error));
      work(transaction.objectStore(STORE), (known) => (result = known));
    });
  } finally {
    database.close();
  }
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(NAME, VERSION);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    opening.onsuccess = () => {
      // Another tab has a newer version of the app: close, so that its upgrade is not blocked.
      opening.result.onversionchange = () => opening.result.close();
      resolve(opening.result);
    };
    opening.onerror = () => reject(reasonOf(opening.error));
    opening.onblocked = () => reject(reasonOf(null));
  });
}

const reasonOf = (error: DOMException | null): Error =>
  error ?? new DOMException('The database was not to be had', 'AbortError');
