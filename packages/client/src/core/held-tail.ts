/**
 * The tail of a join whose row was overtaken (docs/protocol.md, Devices), held back until all of it is there: what
 * becomes of the row's edits depends on the text that the server has.
 */
import type { DocumentText } from '@concord/ot';
import type { CommittedOperation } from '@concord/protocol';

export class HeldTail {
  readonly #from: DocumentText;
  readonly #length: number;
  readonly #operations: CommittedOperation[] = [];
  #text: DocumentText | null = null;

  /**
   * @param from the confirmed text before the tail
   * @param length how many operations lead to the server's text
   */
  constructor(from: DocumentText, length: number) {
    this.#from = from;
    this.#length = length;
  }

  get operations(): readonly CommittedOperation[] {
    return this.#operations;
  }

  /** To which it leads; null while it is not complete, or when it does not fit. */
  get text(): DocumentText | null {
    return this.#text;
  }

  /** More of it arrived. Returns whether it is complete. */
  add(operations: readonly CommittedOperation[]): boolean {
    this.#operations.push(...operations);
    if (this.#operations.length < this.#length) return false;
    this.#text = this.#end();
    return true;
  }

  #end(): DocumentText | null {
    try {
      let text = this.#from;
      for (const { op } of this.#operations.slice(0, this.#length)) {
        if (op === undefined) return null;
        text = text.apply(op);
      }
      return text;
    } catch {
      return null;
    }
  }
}
