/** Properties of the translations beyond the ids and arguments that apps/web/scripts/texts.mjs verifies. */
import { IntlMessageFormat } from 'intl-messageformat';
import { expect, test } from 'vitest';
import english from './locales/en.json' with { type: 'json' };
import german from './locales/de.json' with { type: 'json' };

test('every English text is translated, and no other text is in a catalogue', () => {
  expect(Object.keys(german)).toEqual(Object.keys(english));
});

test('a German text is not empty, and has German quotation marks', () => {
  for (const [id, text] of Object.entries(german)) {
    expect(text.trim(), id).not.toBe('');
    expect(text, id).not.toMatch(/["'”‘]/);
    expect(text.split('„').length, id).toBe(text.split('“').length);
  }
});

test('plurals follow the rules of the language', () => {
  const words = (count: number): unknown =>
    new IntlMessageFormat(german['document.words'], 'de').format({ count });
  expect([words(1), words(2), words(12_000)]).toEqual(['1 Wort', '2 Wörter', '12.000 Wörter']);
});
