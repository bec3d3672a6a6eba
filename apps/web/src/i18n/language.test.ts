import { expect, test } from 'vitest';
import { matchLanguage } from './language.ts';

test('the first of the browser’s languages that the app supports is chosen', () => {
  expect(matchLanguage(['fr-FR', 'de-AT', 'en-GB'])).toBe('de');
  expect(matchLanguage(['en-GB', 'de'])).toBe('en');
  expect(matchLanguage(['DE'])).toBe('de');
});

test('a browser without a supported language gets English', () => {
  expect(matchLanguage(['fr', 'constructor', ''])).toBe('en');
  expect(matchLanguage([])).toBe('en');
});
