/**
 * Places in a text that survive its operations: carets, and whatever hangs on a passage. This file has the one rule by
 * which they move (docs/protocol.md#anchors). Positions are code points.
 */
import { countCodePoints, type TextOperation } from './operation.ts';

/** Which neighbour a place holds on to: the character in front of it, or the one behind it. */
export type Bias = 'before' | 'after';

/** A place in a text. As JSON it is at most some 70 bytes. */
export interface Anchor {
  readonly position: number;
  readonly bias: Bias;
  /** The character that it held on to was deleted. Absent as long as it was not. */
  readonly collapsed?: true;
}

/**
 * Where a position goes when the text goes through `operation`.
 *
 * Insertions and deletions with nothing kept between them replace one stretch of text by another, in whatever order they
 * stand. A position at the start of a stretch stays there, one at its end goes behind what was inserted, and one
 * inside goes to the side of its bias. Where something is inserted and nothing deleted, the bias decides as well.
 *
 * So a position keeps touching the character that it holds on to as long as that is in the text: the way there, and
 * the form of the operations, make no difference.
 */
export function movePosition(position: number, operation: TextOperation, bias: Bias): number {
  let read = 0;
  let written = 0;
  for (let index = 0; index < operation.length;) {
    const component = operation[index];
    if (typeof component === 'number') {
      if (position < read + component) return written + position - read;
      read += component;
      written += component;
      index += 1;
      continue;
    }
    let deleted = 0;
    let inserted = 0;
    for (; index < operation.length; index++) {
      const next = operation[index];
      if (next === undefined || typeof next === 'number') break;
      if (typeof next === 'string') inserted += countCodePoints(next);
      else deleted += next.d;
    }
    if (position === read && (deleted > 0 || bias === 'before')) return written;
    if (position < read + deleted) return bias === 'before' ? written : written + inserted;
    read += deleted;
    written += inserted;
  }
  return written + position - read;
}

/** The anchor in the text that `operation` makes: the same object when nothing of it changes. */
export function moveAnchor(anchor: Anchor, operation: TextOperation): Anchor {
  const { bias, collapsed } = anchor;
  const position = movePosition(anchor.position, operation, bias);
  const held = bias === 'before' ? anchor.position - 1 : anchor.position;
  const isCollapsed = collapsed === true || deletes(operation, held);
  if (position === anchor.position && isCollapsed === (collapsed === true)) return anchor;
  return isCollapsed ? { position, bias, collapsed: true } : { position, bias };
}

/** Whether the operation deletes the character at a place. */
function deletes(operation: TextOperation, place: number): boolean {
  let read = 0;
  for (const component of operation) {
    if (typeof component === 'string') continue;
    const isDelete = typeof component === 'object';
    read += isDelete ? component.d : component;
    if (place < read) return isDelete && place >= read - component.d;
  }
  return false;
}

/** The anchor, when it is one in a text of that length; null for anything else. */
export function parseAnchor(candidate: unknown, lengthCodePoints: number): Anchor | null {
  if (typeof candidate !== 'object' || candidate === null) return null;
  const { position, bias, collapsed, ...others } = candidate as Partial<Anchor>;
  if (Object.keys(others).length > 0 || (bias !== 'before' && bias !== 'after')) return null;
  if (!Number.isSafeInteger(position) || position === undefined) return null;
  if (position < 0 || position > lengthCodePoints) return null;
  if (collapsed === undefined) return { position, bias };
  return collapsed === true ? { position, bias, collapsed } : null;
}
