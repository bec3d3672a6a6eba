/**
 * Bounds the memory of open documents, in bytes, by LRU eviction of those without sessions; a document in use is
 * never evicted. The next access to an evicted document opens it from the store.
 */
import type { DocumentId } from '@concord/protocol';

export interface DocumentInMemory {
  /** Estimate of its memory in bytes. */
  readonly memoryBytes: number;
  /** It has sessions, or a request is being answered from it. */
  readonly isInUse: boolean;
  /** Asks it to close, which it does once it is unused, durable and checkpointed. */
  release(): void;
}

/** Fixed cost of an open document: objects, timers, its access list. */
export const DOCUMENT_OVERHEAD_BYTES = 32 * 1024;

export class DocumentMemory<D extends DocumentInMemory> {
  readonly #bytesMax: number;
  readonly #released: () => void;
  /** Least recently used first. */
  readonly #documents = new Map<DocumentId, D>();

  /** @param released called for each document that was asked to leave */
  constructor(bytesMax: number, released: () => void) {
    this.#bytesMax = bytesMax;
    this.#released = released;
  }

  get bytes(): number {
    let bytes = 0;
    for (const document of this.#documents.values()) bytes += document.memoryBytes;
    return bytes;
  }

  /** Marks it as the most recently used, and adds it if it was not in memory. */
  used(id: DocumentId, document: D): void {
    this.#documents.delete(id);
    this.#documents.set(id, document);
  }

  left(id: DocumentId): void {
    this.#documents.delete(id);
  }

  /** Evicts until the bound holds. Documents that were asked to close count until they have closed. */
  shrink(): void {
    let { bytes } = this;
    for (const document of [...this.#documents.values()]) {
      if (bytes <= this.#bytesMax) return;
      if (document.isInUse) continue;
      bytes -= document.memoryBytes;
      this.#released();
      document.release();
    }
  }
}
