/**
 * The database `concord` of this browser. Schemas are additive, and a store that may hold unsent edits is never
 * deleted (docs/faults.md#an-old-tab-blocks-an-upgrade). It is opened when it is needed, and again after it was closed: because a newer
 * version of the app wants to upgrade it, because the browser took it away, or because it could not be opened.
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

/** When somebody opened a document here last, and whether it shall stay. */
export interface UseRow {
  readonly userId: string;
  readonly documentId: DocumentId;
  readonly usedAtMs: number;
  readonly isKeptOffline: boolean;
  /** Where a person put a document that was made here. */
  readonly folder?: string;
}

export interface DeviceSchema extends DBSchema {
  replicas: { key: string; value: ReplicaRow; indexes: { documentId: string } };
  pieces: { key: [clientId: string, piece: number]; value: string };
  uses: { key: [userId: string, documentId: string]; value: UseRow };
  undo: { key: [userId: string, documentId: string]; value: unknown };
  /** Who may write a replica where the browser has no Web Locks, and until when. */
  leases: { key: string; value: { readonly holder: string; readonly untilMs: number } };
  /** Raised whenever another tab takes a replica over: what the former one writes is refused. */
  terms: { key: string; value: number };
}

export type Database = IDBPDatabase<DeviceSchema>;

const SCHEMA_VERSION = 2;
const STORES = ['replicas', 'pieces', 'uses', 'undo', 'leases', 'terms'] as const;
/** A database that neither opens nor fails is waiting for a tab that does not let go of it. */
const OPEN_TIMEOUT_MS = 1_500;
/** A transaction waits for those of other tabs, which may take as long as they like: callers wait no longer than this. */
const ANSWER_TIMEOUT_MS = 4_000;
/** … and, as long as one is waited for in vain, hardly at all: a page asks for several things one after another. */
const SILENT_TIMEOUT_MS = 250;

export class DeviceDatabase {
  readonly #name: string;
  #database: Database | null = null;
  /** The browser was asked, and has not answered yet: at most one question at a time. */
  #asked: Promise<Database> | null = null;
  /** It has not answered in time. Nobody waits any more; when it answers after all, the database is there. */
  #isLate = false;
  #isClosed = false;
  /** So many questions have had their time, and are not answered. */
  #unanswered = 0;
  readonly #takenAway = new Set<() => void>();

  constructor(name = 'concord') {
    this.#name = name;
  }

  /** The database when it is open, without waiting: what is asked of it now is asked before the page may go. */
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

  /** Resolves as `work` does. Rejects with NoAnswerError when that takes too long; it is carried out all the same. */
  async answer<T>(work: () => Promise<T>): Promise<T> {
    const asked = work();
    const late = Symbol('late');
    const ms = this.#unanswered > 0 ? SILENT_TIMEOUT_MS : ANSWER_TIMEOUT_MS;
    const answer = await inTime(asked, ms, late);
    if (answer !== late) return answer;
    this.#unanswered += 1;
    const settled = (): void => void (this.#unanswered -= 1);
    asked.then(settled, settled);
    throw new NoAnswerError('The storage of this browser does not answer');
  }

  /** Tells when the browser took the database away, with all that was in it. Returns the function that ends it. */
  onTakenAway(listener: () => void): () => void {
    this.#takenAway.add(listener);
    return () => void this.#takenAway.delete(listener);
  }

  /** It cannot be used any more; whoever needs it next opens it again. */
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
   * A newer version of the app was here, while this page goes on with its own: schemas are additive, so what this one
   * knows is in the newer one too. Rejects with `error` when that is not what happened.
   */
  async #openNewer(error: unknown): Promise<Database> {
    if (!(error instanceof DOMException) || error.name !== 'VersionError') throw error;
    const database = await openDB<DeviceSchema>(this.#name, undefined, {
      // It was deleted this moment: the next one makes it anew.
      upgrade: (_db, _before, _after, transaction) => transaction.abort(),
      ...this.#whenLost,
    });
    if (STORES.every((store) => database.objectStoreNames.contains(store))) return database;
    database.close();
    throw error;
  }

  get #whenLost(): { readonly blocking: () => void; readonly terminated: () => void } {
    return {
      // A newer version of the app wants to upgrade: do not stand in its way.
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
