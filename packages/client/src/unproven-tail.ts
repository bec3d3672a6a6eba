/**
 * The tail of a join that could not prove its history, because the device kept the text before there were proofs.
 * Nothing of it is applied until it is complete, and leads to the text that the server has: a text of another
 * history would be changed by operations that were never made for it.
 */
import type { DocumentText } from '@concord/ot';
import type { CommittedOperation } from '@concord/protocol';

export class UnprovenTail {
  readonly #from: DocumentText;
  readonly #length: number;
  readonly #checksum: number;
  readonly #operations: CommittedOperation[] = [];

  /**
   * @param from the confirmed text before the tail
   * @param length how many operations lead to the text of which `checksum` is
   */
  constructor(from: DocumentText, length: number, checksum: number) {
    this.#from = from;
    this.#length = length;
    this.#checksum = checksum;
  }

  get operations(): readonly CommittedOperation[] {
    return this.#operations;
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
      return text.checksum === this.#checksum;
    } catch {
      // It does not even fit.
      return false;
    }
  }
}
