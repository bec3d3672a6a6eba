import { expect, test } from 'vitest';
import { daysLeft } from './access-notices.tsx';
import { explainStop } from './stopped-banner.tsx';

const day = 86_400_000;

test('the days left of a document in the trash count down from thirty to none', () => {
  expect(daysLeft(0, 0)).toBe(30);
  expect(daysLeft(0, day - 1)).toBe(30);
  expect(daysLeft(0, 29.5 * day)).toBe(1);
  expect(daysLeft(0, 31 * day)).toBe(0);
});

test('a person who lost access is told what happens to the text', () => {
  const { heading, body } = explainStop('accessRevoked', 'from the server');
  expect(`${heading}. ${body}`).toBe(
    'You no longer have access. Your text stays here until you leave: copy or download it.',
  );
});

test('a code without a text of the app shows the server’s message, and that the text is safe', () => {
  expect(explainStop('somethingNew', 'The disk is full.').body).toMatch(
    /^The disk is full\. Your text is below/,
  );
});
