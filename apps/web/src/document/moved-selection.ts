/** A selection in a field of one line, moved through a change of its text. */
import { countCodePoints, transformPosition, utf16OffsetOf, type TextOperation } from '@concord/ot';

/** Places in UTF-16 units of `before`, as fields count; the answer's are of `after`. */
export function movedSelection(
  before: string,
  after: string,
  change: TextOperation,
  from: number,
  to: number,
): { readonly from: number; readonly to: number } {
  const moved = (place: number): number => {
    const position = countCodePoints(before.slice(0, place));
    return utf16OffsetOf(after, transformPosition(position, change));
  };
  return { from: moved(from), to: moved(to) };
}
