/** Moves consecutive operations of one author past what was committed since the text they were made for. */
import { transformCommitted, transformUncommitted, type TextOperation } from '@concord/ot';

/**
 * Single operations over single operations, never a composed range (docs/protocol.md, "Sides"): what a client does
 * with in-flight and pending, for any number of them. Costs the product of both counts.
 *
 * @param operations the first applies to the text before `committed`, each other to the text after the one before
 * @returns the same, for the text after `committed`
 */
export function rebase(
  operations: readonly TextOperation[],
  committed: readonly TextOperation[],
): TextOperation[] {
  let others = committed;
  return operations.map((operation) => {
    let moved = operation;
    others = others.map((other) => {
      const past = transformCommitted(other, moved);
      moved = transformUncommitted(moved, other);
      return past;
    });
    return moved;
  });
}
