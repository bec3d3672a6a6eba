import { expect, it } from 'vitest';
import { higherRole, lowerRole, may, type Verb } from './roles.ts';
import type { Role } from './words.ts';

it.each<[Role | null, Verb[]]>([
  ['owner', ['read', 'comment', 'write', 'share', 'delete']],
  ['editor', ['read', 'comment', 'write']],
  ['commenter', ['read', 'comment']],
  ['viewer', ['read']],
  [null, []],
])('a person whose role is %s may %j, and nothing else', (role, allowed) => {
  const verbs: Verb[] = ['read', 'comment', 'write', 'share', 'delete'];
  expect(verbs.filter((verb) => may(role, verb))).toEqual(allowed);
});

it('higherRole and lowerRole pick the higher and the lower of two roles', () => {
  expect(higherRole('viewer', 'editor')).toBe('editor');
  expect(higherRole(null, 'viewer')).toBe('viewer');
  expect(lowerRole('owner', 'commenter')).toBe('commenter');
  expect(lowerRole('viewer', 'viewer')).toBe('viewer');
});
