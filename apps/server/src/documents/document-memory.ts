/**
 * Bounds what open documents take in memory, in bytes. Those that nobody is in leave it first, the longest unused
 * before the others; a document that people are in stays. Whoever asks for one that left opens it from the store.
 */
import type { DocumentId } from '@concord/protocol';

export interface DocumentInMemory {
  /** About how many bytes it takes. */
  readonly memoryBytes: number;
  /** People are in it, or an answer is being made from it. */
  readonly isInUse: boolean;
  /** Leaves memory when nobody needs it any more, at once or when it is durable and checkpointed. */
  release(): void;
}

/** Whatever a document holds: objects, timers, its access list. */
export const DOCUMENT_OVERHEAD_BYTES = 32 * 1024;

export class DocumentMemory<D extends DocumentInMemory> {
  readonly #bytesMax: number;
  readonly #released: () => void;
  /** Longest unused first. */
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

  /** Somebody uses it now, whether or not it was in memory. */
  used(id: DocumentId, document: D): void {
    this.#documents.delete(id);
    this.#documents.set(id, document);
  }

  left(id: DocumentId): void {
    this.#documents.delete(id);
  }

  /** Makes room. Documents that are asked to leave count until they did. */
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
