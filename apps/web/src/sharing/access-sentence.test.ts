import { expect, test } from 'vitest';
import { accessSentence, visitorSentence, type AccessSummary } from './access-sentence.ts';

const now = 1_000_000;
const unshared: AccessSummary = { anyone: 'off', others: [], links: [] };
const people = (...names: readonly string[]) => names.map((name) => ({ name }));
const link = (role: 'viewer' | 'commenter' | 'editor', expiresAt: number | null = null) => ({
  role,
  expiresAt,
});

const sentences: readonly (readonly [Partial<AccessSummary>, string])[] = [
  [{}, 'Only you can open this document.'],
  [{ others: people('Ann') }, 'Only you and Ann can open this document.'],
  [{ others: people('Ann', 'Bob') }, 'Only you, Ann, and Bob can open this document.'],
  [{ others: people('Ann', 'Bob', 'Eve') }, 'Only you, Ann, and 2 others can open this document.'],
  [{ anyone: 'editor' }, 'Anyone with the link can edit.'],
  [{ anyone: 'commenter' }, 'Anyone with the link can comment.'],
  [
    { anyone: 'editor', others: people('Ann', 'Bob', 'Eve') },
    'Anyone with the link can edit. Ann and 2 others have access of their own.',
  ],
  [
    { anyone: 'viewer', others: people('Ann') },
    'Anyone with the link can view. Ann has access of their own.',
  ],
  [
    { links: [link('viewer')] },
    'Only you and anyone with the link below can open this document. It lets people view.',
  ],
  [
    { others: people('Ann'), links: [link('editor'), link('viewer')] },
    'Only you, Ann, and anyone with one of the 2 links below can open this document. They let people view or edit.',
  ],
  [
    { anyone: 'viewer', links: [link('editor')] },
    'Anyone with the link can view. The link below lets people edit.',
  ],
];

test.each(sentences)('%j reads "%s"', (access, sentence) => {
  expect(accessSentence({ ...unshared, ...access }, now)).toBe(sentence);
});

test('an expired link grants no access, and is not mentioned', () => {
  expect(accessSentence({ ...unshared, links: [link('editor', now)] }, now)).toBe(
    'Only you can open this document.',
  );
  expect(accessSentence({ ...unshared, links: [link('editor', now + 1)] }, now)).toContain(
    'anyone with the link below',
  );
});

test('a person without a name is called a guest', () => {
  expect(accessSentence({ ...unshared, others: people('') }, now)).toBe(
    'Only you and Guest can open this document.',
  );
});

test('a visitor is told what they can do, and whom to ask', () => {
  expect(visitorSentence('viewer', 'Ann')).toBe('You can view this document. It belongs to Ann.');
  expect(visitorSentence('editor', 'Ann')).toBe('You can edit this document. It belongs to Ann.');
});
