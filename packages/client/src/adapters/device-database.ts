/**
 * The database `concord` of this browser. Schemas are additive, and a store that may hold unsent edits is never
 * deleted (faults.md). It is opened when it is needed, and again after it was closed: because a newer
 * version of the app wants to upgrade it, because the browser took it away, or because it could not be opened.
 */
import type { ClientId, DocumentId } from '@concord/protocol';
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import { QueueStoreError } from '../ports.ts';
import type { Replica } from '../replica.ts';

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
/** A database that neither opens nor fails is waiting for a tab that does not let go of it. */
const OPEN_TIMEOUT_MS = 1_500;

export class DeviceDatabase {
  readonly #name: string;
  #database: Database | null = null;
  #opening: Promise<Database> | null = null;
  #isClosed = false;

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
    this.#opening ??= this.#openNow().finally(() => (this.#opening = null));
    return this.#opening;
  }

  /** It cannot be used any more; whoever needs it next opens it again. */
  lost(): void {
    this.#database?.close();
    this.#database = null;
  }

  close(): void {
    this.#isClosed = true;
    this.#database?.close();
    this.#database = null;
  }

  async #openNow(): Promise<Database> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const opening = openDB<DeviceSchema>(this.#name, SCHEMA_VERSION, {
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
      // A newer version of the app wants to upgrade: do not stand in its way.
      blocking: () => this.lost(),
      terminated: () => this.lost(),
    });
    // Opened after all, after this was given up: nobody knows of it.
    const late = (): void => void opening.then((database) => database.close(), ignore);
    const timeout = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        late();
        reject(new Error('The database did not open in time'));
      }, OPEN_TIMEOUT_MS);
    });
    try {
      const database = await Promise.race([opening, timeout]);
      if (this.#isClosed) database.close();
      else this.#database = database;
      return database;
    } catch (error) {
      throw new QueueStoreError('This browser blocks storage', { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }
}

const ignore = (): void => undefined;

export const allPieces = (clientId: ClientId): IDBKeyRange =>
  IDBKeyRange.bound([clientId, 0], [clientId, Infinity]);
