import { expect, it } from 'vitest';
import {
  currentRole,
  currentRoleLive,
  may,
  privateAccess,
  type DocumentAccess,
} from './permissions.ts';

const access: DocumentAccess = {
  ...privateAccess('owner'),
  people: new Map([
    ['owner', 'owner'],
    ['ann', 'commenter'],
  ]),
  links: [
    { id: 'reading', role: 'viewer', expiresAt: null },
    { id: 'editing', role: 'editor', expiresAt: 1_000 },
  ],
  opened: new Map([
    ['ann', ['editing']],
    ['bob', ['reading', 'editing', 'removed']],
  ]),
};
const roleOf = (userId: string | null, change: Partial<DocumentAccess> = {}, now = 0) =>
  currentRole({ ...access, ...change }, { userId }, now).role;

it('is the highest of own role, opened links and what anyone may do', () => {
  expect(roleOf('owner')).toBe('owner');
  expect(roleOf('ann')).toBe('editor');
  expect(roleOf('bob')).toBe('editor');
  expect(roleOf('eve')).toBe(null);
  expect(roleOf('eve', { anyone: 'commenter' })).toBe('commenter');
  expect(roleOf('ann', { anyone: 'viewer' })).toBe('editor');
});

it('of somebody who did not say who it is, is what anyone may do', () => {
  expect(roleOf(null)).toBe(null);
  expect(roleOf(null, { anyone: 'editor' })).toBe('editor');
});

it('ends when the link expires, and says until when it is certain', () => {
  expect(currentRole(access, { userId: 'ann' }, 999)).toEqual({ role: 'editor', until: 1_000 });
  expect(currentRole(access, { userId: 'ann' }, 1_000)).toEqual({
    role: 'commenter',
    until: Infinity,
  });
  expect(roleOf('bob', {}, 1_000)).toBe('viewer');
});

it('of a removed link is nothing', () => {
  expect(roleOf('bob', { links: [] })).toBe(null);
});

it('in the trash is left to owners, and lets them read alone in live sessions', () => {
  const trashed = { ...access, isTrashed: true, anyone: 'editor' as const };
  expect(currentRole(trashed, { userId: 'ann' }, 0).role).toBe(null);
  expect(currentRole(trashed, { userId: 'owner' }, 0).role).toBe('owner');
  expect(currentRoleLive(trashed, { userId: 'owner' }, 0).role).toBe('viewer');
});

it('is never more than an API token is for', () => {
  expect(currentRole(access, { userId: 'owner', atMost: 'viewer' }, 0).role).toBe('viewer');
  expect(currentRole(access, { userId: 'bob', atMost: 'owner' }, 0).role).toBe('editor');
  expect(currentRole(access, { userId: 'owner', atMost: 'none' }, 0).role).toBe(null);
  expect(currentRoleLive(access, { userId: 'owner', atMost: 'none' }, 0).role).toBe(null);
});

it('allows a verb only from the role it needs on', () => {
  const verbs = ['read', 'comment', 'write', 'share', 'delete'] as const;
  const allowed = (role: Parameters<typeof may>[0]) => verbs.filter((verb) => may(role, verb));
  expect(allowed(null)).toEqual([]);
  expect(allowed('viewer')).toEqual(['read']);
  expect(allowed('commenter')).toEqual(['read', 'comment']);
  expect(allowed('editor')).toEqual(['read', 'comment', 'write']);
  expect(allowed('owner')).toEqual([...verbs]);
});
