/**
 * The database `concord` of this browser. Schemas are additive, and a store that may hold unsent edits is never
 * deleted (docs/faults.md#an-old-tab-blocks-an-upgrade). Opened on first use, and again after it was closed: because a
 * newer version of the app upgrades it, because the browser evicted it, or because opening failed.
 */
import type { ClientId, DocumentId } from '@concord/protocol';
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import { inTime } from '../in-time.ts';
import { NoAnswerError, QueueStoreError } from '../ports.ts';
import type { Replica } from '../core/replica.ts';

/** A replica with the keys of its text's pieces, in order. Fields are only ever added. */
export type ReplicaRow = Omit<Replica, 'confirmed'> & {
  readonly pieces: readonly number[];
  /** Length of the confirmed text in UTF-16 units; rows of the first version do not say. */
  readonly characters?: number;
};

/** When a person last opened a document on this device, and whether it is pinned for offline use. */
export interface UseRow {
  readonly userId: string;
  readonly documentId: DocumentId;
  readonly usedAtMs: number;
  readonly isKeptOffline: boolean;
  /** Folder of a document created on this device. */
  readonly folder?: string;
}

export interface DeviceSchema extends DBSchema {
  replicas: { key: string; value: ReplicaRow; indexes: { documentId: string } };
  pieces: { key: [clientId: string, piece: number]; value: string };
  uses: { key: [userId: string, documentId: string]; value: UseRow };
  undo: { key: [userId: string, documentId: string]; value: unknown };
  /** Leases for browsers without Web Locks: which tab may write a replica, and until when. */
  leases: { key: string; value: { readonly holder: string; readonly untilMs: number } };
  /** Fencing token of each replica: incremented by a takeover, so that writes of the former tab are refused. */
  terms: { key: string; value: number };
}

export type Database = IDBPDatabase<DeviceSchema>;

const SCHEMA_VERSION = 2;
const STORES = ['replicas', 'pieces', 'uses', 'undo', 'leases', 'terms'] as const;
/** `open` may neither succeed nor fail while a tab with an old connection blocks the upgrade. */
const OPEN_TIMEOUT_MS = 1_500;
/** A transaction queues behind those of other tabs without a bound: callers wait no longer than this. */
const ANSWER_TIMEOUT_MS = 4_000;
/** Shorter timeout while an earlier call is unanswered: a page makes several calls in sequence, which would add up. */
const REPEATED_TIMEOUT_MS = 250;

export class DeviceDatabase {
  readonly #name: string;
  #database: Database | null = null;
  /** The pending `open`, shared by all callers: at most one at a time. */
  #asked: Promise<Database> | null = null;
  /** The pending `open` has timed out. Callers no longer wait for it; if it succeeds later, the database is used. */
  #isLate = false;
  #isClosed = false;
  /** Number of calls that timed out and have not settled since. */
  #unanswered = 0;
  readonly #takenAway = new Set<() => void>();

  constructor(name = 'concord') {
    this.#name = name;
  }

  /** The database if it is open already: a request made synchronously is still issued before the page may unload. */
  get opened(): Database | null {
    return this.#database;
  }

  /** Rejects with QueueStoreError when the browser has no storage for us now. */
  async open(): Promise<Database> {
    if (this.#database !== null) return this.#database;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      const giveUp = (): void => {
        this.#isLate = true;
        reject(new Error('The database did not open in time'));
      };
      if (this.#isLate) giveUp();
      else timer = setTimeout(giveUp, OPEN_TIMEOUT_MS);
    });
    this.#asked ??= this.#ask();
    try {
      return await Promise.race([this.#asked, late]);
    } catch (error) {
      throw new QueueStoreError('This browser blocks storage', { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Resolves as `work` does. Rejects with NoAnswerError after a timeout; `work` itself is not cancelled. */
  async answer<T>(work: () => Promise<T>): Promise<T> {
    const asked = work();
    const late = Symbol('late');
    const ms = this.#unanswered > 0 ? REPEATED_TIMEOUT_MS : ANSWER_TIMEOUT_MS;
    const answer = await inTime(asked, ms, late);
    if (answer !== late) return answer;
    this.#unanswered += 1;
    const settled = (): void => void (this.#unanswered -= 1);
    asked.then(settled, settled);
    throw new NoAnswerError('The storage of this browser does not answer');
  }

  /** Calls `listener` when the browser has evicted the database with its contents. Returns the unsubscribe function. */
  onTakenAway(listener: () => void): () => void {
    this.#takenAway.add(listener);
    return () => void this.#takenAway.delete(listener);
  }

  /** Drops the connection, which is no longer usable; the next use opens a new one. */
  lost(): void {
    this.#database?.close();
    this.#database = null;
  }

  close(): void {
    this.#isClosed = true;
    this.lost();
  }

  async #ask(): Promise<Database> {
    try {
      const database = await this.#openOwn().catch((error: unknown) => this.#openNewer(error));
      if (this.#isClosed) database.close();
      else this.#database = database;
      return database;
    } finally {
      this.#asked = null;
      this.#isLate = false;
    }
  }

  #openOwn(): Promise<Database> {
    return openDB<DeviceSchema>(this.#name, SCHEMA_VERSION, {
      upgrade(db, before) {
        if (before < 1) {
          const replicas = db.createObjectStore('replicas', { keyPath: 'clientId' });
          replicas.createIndex('documentId', 'documentId');
          db.createObjectStore('pieces');
        }
        if (before < 2) {
          db.createObjectStore('uses', { keyPath: ['userId', 'documentId'] });
          db.createObjectStore('undo');
          db.createObjectStore('leases');
          db.createObjectStore('terms');
        }
      },
      ...this.#whenLost,
    });
  }

  /**
   * Opens a database that a newer version of the app has upgraded, at its present version: schemas are additive, so the
   * stores that this version knows exist. Rejects with `error` if the failure had another cause.
   */
  async #openNewer(error: unknown): Promise<Database> {
    if (!(error instanceof DOMException) || error.name !== 'VersionError') throw error;
    const database = await openDB<DeviceSchema>(this.#name, undefined, {
      // The database was deleted in between: abort, so that the next `open` creates it with the schema.
      upgrade: (_db, _before, _after, transaction) => transaction.abort(),
      ...this.#whenLost,
    });
    if (STORES.every((store) => database.objectStoreNames.contains(store))) return database;
    database.close();
    throw error;
  }

  get #whenLost(): { readonly blocking: () => void; readonly terminated: () => void } {
    return {
      // A newer version of the app wants to upgrade: close, so that this tab does not block it.
      blocking: () => this.lost(),
      terminated: () => {
        this.lost();
        for (const listener of this.#takenAway) listener();
      },
    };
  }
}

export const allPieces = (clientId: ClientId): IDBKeyRange =>
  IDBKeyRange.bound([clientId, 0], [clientId, Infinity]);
