import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textChecksum } from './checksum.ts';
import { DocumentText } from './document-text.ts';
import { OperationBuilder } from './operation.ts';

describe('the checksum of a text in chunks', () => {
  it('equals that of the whole string after any edits and with any division into chunks', () => {
    const edit = fc.tuple(fc.nat(5_000), fc.nat(2_000), fc.string({ unit: 'grapheme' }));
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.array(edit), (start, edits) => {
        let text = DocumentText.from(start.repeat(300));
        for (const [position, deleted, inserted] of edits) {
          const at = position % (text.lengthCodePoints + 1);
          const operation = new OperationBuilder()
            .retain(at)
            .insert(inserted)
            .delete(Math.min(deleted, text.lengthCodePoints - at))
            .build();
          text = text.apply(operation);
          expect(text.checksum).toBe(textChecksum(text.toString()));
        }
      }),
    );
  });

  it('differs for texts that differ in one place, in order, or at the end', () => {
    const text = 'Some text. '.repeat(1_000);
    for (const other of [
      `${text} `,
      text.slice(1),
      `\u0000${text}`,
      text.replace('Some', 'oSme'),
    ]) {
      expect(DocumentText.from(other).checksum).not.toBe(DocumentText.from(text).checksum);
    }
  });
});
