/** Where a resync's difference of two texts is not what people did (protocol.md rule 6). */
import type { Buffer } from '@concord/client';
import { diffTexts, type DocumentText } from '@concord/ot';

/** What a resync's difference deletes in one place and inserts in another, though it is the same character. */
export function movedByDiff(
  { confirmed, inFlight }: Buffer,
  snapshot: DocumentText,
): ReadonlySet<string> {
  const moved = new Set<string>();
  const bases = inFlight === null ? [confirmed] : [confirmed, confirmed.apply(inFlight.op)];
  for (const base of bases) {
    const inserted = new Set<string>();
    const deleted = new Set<string>();
    let position = 0;
    for (const component of diffTexts(base.toString(), snapshot.toString())) {
      if (typeof component === 'number') position += component;
      else if (typeof component === 'string') for (const each of component) inserted.add(each);
      else {
        for (const each of base.sliceCodePoints(position, position + component.d))
          deleted.add(each);
        position += component.d;
      }
    }
    for (const each of deleted) if (inserted.has(each)) moved.add(each);
  }
  return moved;
}
