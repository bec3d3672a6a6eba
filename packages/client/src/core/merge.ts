/** What a person wrote while away, and what others wrote meanwhile: for the review after the merge. */
import { compose, isNoOperation, type DocumentText, type TextOperation } from '@concord/ot';
import type { Buffer } from './buffer.ts';

/** Two branches from one text. The document now has both. */
export interface Merge {
  /** The text that both began from. */
  readonly base: DocumentText;
  /** Applies to `base`: what this person wrote; positions in code points. */
  readonly mine: TextOperation;
  /** Applies to `base`: what others wrote; positions in code points. */
  readonly theirs: TextOperation;
  /** How many edits `mine` is made of. */
  readonly edits: number;
}

/**
 * Follows a merge from the join to the last acknowledgement. What others write while the own edits are on
 * their way is part of the document, not of the merge: only what comes before the first acknowledgement counts.
 */
export class MergeRecord {
  #base: DocumentText | null = null;
  #mine: TextOperation = [];
  #theirs: TextOperation = [];
  #isComplete = false;

  /** @param buffer as it was while away: before anything that others wrote */
  begin({ confirmed, inFlight, pending }: Buffer): void {
    if (this.#base !== null && !this.#isComplete) return;
    this.#base = confirmed;
    this.#mine = inFlight === null ? pending : compose(inFlight.op, pending);
    this.#theirs = [];
    this.#isComplete = false;
  }

  get hasBegun(): boolean {
    return this.#base !== null;
  }

  /** Others' operation on the confirmed text. */
  received(operation: TextOperation): void {
    if (this.#base === null || this.#isComplete) return;
    this.#theirs = compose(this.#theirs, operation);
  }

  /** What came so far lies before the branches: they begin here. */
  restart(buffer: Buffer): void {
    if (this.#base === null || this.#isComplete) return;
    this.#base = null;
    this.begin(buffer);
  }

  /** The first own operation is in the log. */
  acknowledged(): void {
    this.#isComplete = true;
  }

  /** There is nothing to be told about this one. */
  cancel(): void {
    this.#base = null;
  }

  /** Everything is in the log. Null when only one side wrote anything. */
  end(edits: number): Merge | null {
    const [base, mine, theirs] = [this.#base, this.#mine, this.#theirs];
    this.#base = null;
    if (base === null || isNoOperation(mine) || isNoOperation(theirs)) return null;
    return { base, mine, theirs, edits };
  }
}
