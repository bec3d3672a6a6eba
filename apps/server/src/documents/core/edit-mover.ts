/** Moves consecutive operations over others', piece by piece, within a budget of component steps. Pure. */
import {
  splitOperation,
  transformCommitted,
  transformUncommitted,
  type OperationLimits,
  type TextOperation,
} from '@concord/ot';
import type { MovedEdit } from '../old-edits.ts';
import { stepsOf } from './recent-operations.ts';

export class EditMover {
  #operations: readonly TextOperation[];
  #steps: number;

  /** @param steps that moving them may cost */
  constructor({ operations, steps }: MovedEdit) {
    this.#operations = operations;
    this.#steps = steps;
  }

  /** Over what was committed next; as `rebase` does. False when that costs more than is left: nothing is moved then. */
  add(committed: readonly TextOperation[]): boolean {
    const last = this.#operations.length - 1;
    for (const op of committed) {
      let other = op;
      const moved: TextOperation[] = [];
      for (const [index, each] of this.#operations.entries()) {
        this.#steps -= each.length + stepsOf(other);
        // What is behind the last one is not asked for: that saves going through all that it inserts.
        if (index < last) this.#steps -= stepsOf(each);
        if (this.#steps < 0) return false;
        moved.push(transformUncommitted(each, other));
        if (index < last) other = transformCommitted(other, each);
      }
      this.#operations = moved;
    }
    return true;
  }

  get moved(): MovedEdit {
    return { operations: this.#operations, steps: this.#steps };
  }
}

/** Into pieces that the owner takes. */
export function cutToFit(
  operations: readonly TextOperation[],
  limits: Pick<OperationLimits, 'components' | 'bytes'>,
): readonly TextOperation[] {
  const pieces: TextOperation[] = [];
  for (const operation of operations) {
    for (let rest = operation; rest.length > 0;) {
      const [piece, next] = splitOperation(rest, limits);
      pieces.push(piece);
      rest = next;
    }
  }
  return pieces;
}
