/**
 * A document as everything outside of its owner sees it: REST, snapshots, search. All of it is asynchronous, and no
 * value outlives its answer, so that the owner may be in another process. Sessions of people are no users of it: they
 * are connected where the owner is.
 */
import type { DocumentText } from '@concord/ot';
import type { ClientId, DocumentId, Head } from '@concord/protocol';
import {
  StoreError,
  type Checkpoint,
  type ClientPosition,
  type LoggedOperation,
} from '../store/ports/store.ts';
import type { ApiEdit } from './api-editor.ts';
import type { DocumentRegistry } from './document-registry.ts';
import type { DocumentRunner } from './document-runner.ts';
import type { AcquireOptions } from './ownership.ts';

/** Every method rejects with StoreError or CorruptionError. */
export interface DocumentHandle {
  /** The newest durable version. */
  version(): Promise<number>;
  /** The durable text, and of which version it is. */
  text(): Promise<{ readonly version: number; readonly text: DocumentText }>;
  /** The text at a version; null when the document has not reached it. */
  textAt(version: number): Promise<DocumentText | null>;
  /** A text as it is stored, at `atLeastVersion` or newer; null when there is no such version yet. */
  snapshot(atLeastVersion: number): Promise<Checkpoint | null>;
  /** The durable operation that produced a version, or null. */
  operationAt(version: number): Promise<LoggedOperation | null>;
  /** Whether the log has that operation at that version. */
  isInLog(head: Head): Promise<boolean>;
  /** Where the log has the last operation of a person's client; null for none. */
  committed(clientId: ClientId, userId: string): Promise<ClientPosition | null>;
  /** Whether everything in the log was written by this person, and by the REST API. */
  isOnlyByApiOf(userId: string): Promise<boolean>;
  /** Hands operations of any size to the owner; resolves when they are durable. Rejects with EditRejectedError too. */
  edit(edit: ApiEdit): Promise<{ readonly version: number; readonly pieces: number }>;
  /** Keeps the document in its owner's memory while an answer is made from it. */
  whileHeld<T>(make: () => Promise<T>): Promise<T>;
}

/** The documents of all owners, wherever they are. */
export interface DocumentHandles {
  /** Null when there is no such document. Rejects as its opening does. For a client of this node when left out. */
  open(id: DocumentId, options?: AcquireOptions): Promise<DocumentHandle | null>;
  /** Null unless an owner has it in memory: for those who need it only as long as that costs no opening. */
  inMemory(id: DocumentId): Promise<DocumentHandle | null>;
}

type LocalDocuments = Pick<DocumentRegistry, 'open' | 'running' | 'mayAnswer'>;

/** Of documents whose owner is in this process. */
export class LocalDocumentHandles implements DocumentHandles {
  readonly #documents: LocalDocuments;

  constructor(documents: LocalDocuments) {
    this.#documents = documents;
  }

  async open(id: DocumentId, options?: AcquireOptions): Promise<DocumentHandle | null> {
    const document = await this.#documents.open(id, options);
    return document === null ? null : this.#handleOf(document);
  }

  async inMemory(id: DocumentId): Promise<DocumentHandle | null> {
    const document = this.#documents.running(id);
    return document === undefined ? null : this.#handleOf(document);
  }

  #handleOf(document: DocumentRunner): DocumentHandle {
    return new LocalDocumentHandle(document, () => this.#documents.mayAnswer());
  }
}

class LocalDocumentHandle implements DocumentHandle {
  readonly #document: DocumentRunner;
  readonly #mayAnswer: () => boolean;

  constructor(document: DocumentRunner, mayAnswer: () => boolean) {
    this.#document = document;
    this.#mayAnswer = mayAnswer;
  }

  version(): Promise<number> {
    return this.#answer(() => this.#document.version);
  }

  text(): Promise<{ readonly version: number; readonly text: DocumentText }> {
    return this.#answer(() => {
      const { version, text } = this.#document;
      return { version, text };
    });
  }

  textAt(version: number): Promise<DocumentText | null> {
    return this.#answer(() => this.#document.textAt(version));
  }

  snapshot(atLeastVersion: number): Promise<Checkpoint | null> {
    return this.#answer(() => this.#document.snapshot(atLeastVersion));
  }

  operationAt(version: number): Promise<LoggedOperation | null> {
    return this.#answer(() => this.#document.operationAt(version));
  }

  isInLog(head: Head): Promise<boolean> {
    return this.#answer(() => this.#document.isInLog(head));
  }

  committed(clientId: ClientId, userId: string): Promise<ClientPosition | null> {
    return this.#answer(() => this.#document.committed(clientId, userId));
  }

  isOnlyByApiOf(userId: string): Promise<boolean> {
    return this.#answer(() => this.#document.isOnlyByApiOf(userId));
  }

  edit(edit: ApiEdit): Promise<{ readonly version: number; readonly pieces: number }> {
    return this.#answer(() => this.#document.edit(edit));
  }

  whileHeld<T>(make: () => Promise<T>): Promise<T> {
    return this.#document.whileHeld(make);
  }

  /** An answer that is ready when this process may no longer answer is not given, nor is a rejection. */
  async #answer<T>(make: () => T | Promise<T>): Promise<T> {
    const made = (async () => make())();
    await Promise.allSettled([made]);
    if (!this.#document.isDropped && this.#mayAnswer()) return made;
    throw new StoreError('The document is moving between servers.', false);
  }
}
