/** Where a resync's diff differs from what people did (docs/protocol.md#away-for-long). */
import type { Buffer } from '@concord/client';
import { diffTexts, type DocumentText } from '@concord/ot';

/**
 * Which of these characters a resync's diff deletes in one place and inserts in another. If no such character is in both
 * texts, nothing is computed.
 */
export function movedByDiff(
  { confirmed, inFlight }: Buffer,
  snapshot: DocumentText,
  candidates: ReadonlySet<string>,
): ReadonlySet<string> {
  const moved = new Set<string>();
  if (candidates.size === 0) return moved;
  const present = snapshot.toString();
  const bases = inFlight === null ? [confirmed] : [confirmed, confirmed.apply(inFlight.op)];
  for (const base of bases) {
    const known = base.toString();
    if (known === present) continue;
    const mayMove = [...candidates].some((each) => known.includes(each) && present.includes(each));
    if (!mayMove) continue;
    const inserted = new Set<string>();
    const deleted = new Set<string>();
    let position = 0;
    for (const component of diffTexts(known, present)) {
      if (typeof component === 'number') position += component;
      else if (typeof component === 'string') for (const each of component) inserted.add(each);
      else {
        for (const each of base.sliceCodePoints(position, position + component.d))
          deleted.add(each);
        position += component.d;
      }
    }
    for (const each of deleted) if (inserted.has(each) && candidates.has(each)) moved.add(each);
  }
  return moved;
}
