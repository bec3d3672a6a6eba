/**
 * The tail of a join that is applied only when all of it is there, and it is known where it leads:
 *
 * - A text that could not prove its history, because the device kept it before there were proofs. A text of another
 *   history would be changed by operations that were never made for it.
 * - A row of the device that was overtaken (docs/protocol.md, Devices): what becomes of its edits depends on the text
 *   that the server has.
 */
import type { DocumentText } from '@concord/ot';
import type { CommittedOperation } from '@concord/protocol';

export class UnprovenTail {
  readonly #from: DocumentText;
  readonly #length: number;
  readonly #checksum: number | null;
  readonly #operations: CommittedOperation[] = [];
  #text: DocumentText | null = null;

  /**
   * @param from the confirmed text before the tail
   * @param length how many operations lead to the server's text
   * @param checksum of the server's text; null when the history is proven
   */
  constructor(from: DocumentText, length: number, checksum: number | null) {
    this.#from = from;
    this.#length = length;
    this.#checksum = checksum;
  }

  get operations(): readonly CommittedOperation[] {
    return this.#operations;
  }

  /** To which it leads; null while it is not complete, or when it does not fit. */
  get text(): DocumentText | null {
    return this.#text;
  }

  /** Without, a tail that does not fit is a fault of the connection, not another history. */
  get isProof(): boolean {
    return this.#checksum !== null;
  }

  /** More of it arrived. Null while it is not complete; else whether it leads to the server's text. */
  add(operations: readonly CommittedOperation[]): boolean | null {
    this.#operations.push(...operations);
    if (this.#operations.length < this.#length) return null;
    try {
      let text = this.#from;
      for (const { op } of this.#operations.slice(0, this.#length)) {
        if (op === undefined) return false;
        text = text.apply(op);
      }
      if (this.#checksum !== null && text.checksum !== this.#checksum) return false;
      this.#text = text;
      return true;
    } catch {
      // It does not even fit.
      return false;
    }
  }
}
