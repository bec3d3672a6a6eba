import { IntlMessageFormat } from 'intl-messageformat';
import { expect, test } from 'vitest';
import english from './locales/en.json' with { type: 'json' };
import { pseudo } from './pseudo.ts';

test('a pseudo-localized text has accents, brackets and 40 % more length', () => {
  const text = pseudo('Keep as a new document');
  expect(text).toMatch(/^⟦Ķééƥ àš à ñéŵ đóćúɱéñţ.*⟧$/u);
  expect(text.length).toBe(2 + Math.ceil(22 * 1.4));
});

test('arguments and plural forms stay unchanged', () => {
  const message = 'On {name}: {count, plural, =0 {none} one {# day} other {# days of {all}}}.';
  expect(pseudo(message)).toMatch(
    /^⟦Óñ \{name\}: \{count, plural, =0 \{ñóñé\} one \{# đàý\} other \{# đàýš óƒ \{all\}\}\}\./u,
  );
});

test('every text of the app can be parsed and formatted in the pseudo-locale, and has no plain letter', () => {
  const anything = new Proxy({}, { get: () => 3, has: () => true, getOwnPropertyDescriptor: () => ({ configurable: true, enumerable: true }) }); // prettier-ignore
  for (const [id, message] of Object.entries(english)) {
    const format = new IntlMessageFormat(pseudo(message), 'en');
    expect(String(format.format(anything)), id).not.toMatch(/[a-z]/i);
  }
});
