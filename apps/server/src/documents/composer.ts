/**
 * Composes consecutive operations incrementally. Pure. Adjacent parts of about the same size are composed with each
 * other, as in a merge sort, so that n operations cost about n log n.
 */
import { composeAll, noOperation, type TextOperation } from '@concord/ot';

/** Components that one operation may have: some 5 MB of JSON, and a tenth of a second to compose once more. */
export const COMPOSED_COMPONENTS_MAX = 200_000;

interface Part {
  readonly operation: TextOperation;
  /** Operations in it. */
  readonly count: number;
}

export class Composer {
  readonly #parts: Part[] = [];

  /** False when the whole has become too large. */
  add(operations: readonly TextOperation[]): boolean {
    let part: Part = { operation: composeAll(operations), count: operations.length };
    for (let last = this.#parts.at(-1); last !== undefined && last.count <= part.count;) {
      this.#parts.pop();
      part = {
        operation: composeAll([last.operation, part.operation]),
        count: last.count + part.count,
      };
      last = this.#parts.at(-1);
    }
    this.#parts.push(part);
    return this.#parts.reduce((sum, { operation }) => sum + operation.length, 0) <= COMPOSED_COMPONENTS_MAX; // prettier-ignore
  }

  /** The composition of all operations added so far; resets the composer. */
  take(): TextOperation {
    const whole = this.#parts.splice(0).map(({ operation }) => operation);
    if (whole.length === 0) return noOperation;
    // From the newest on: the later parts are smaller.
    return whole.reduceRight((later, earlier) => composeAll([earlier, later]));
  }
}
