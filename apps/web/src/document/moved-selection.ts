/** Maps the selection of a one-line field through a change of its text. */
import { countCodePoints, movePosition, utf16OffsetOf, type TextOperation } from '@concord/ot';

/** Positions are UTF-16 units, as in fields: of `before` on input, of `after` in the result. */
export function movedSelection(
  before: string,
  after: string,
  change: TextOperation,
  from: number,
  to: number,
): { readonly from: number; readonly to: number } {
  const moved = (place: number): number => {
    const position = countCodePoints(before.slice(0, place));
    return utf16OffsetOf(after, movePosition(position, change, 'before'));
  };
  return { from: moved(from), to: moved(to) };
}
