import { tokenScopes, type TokenScope } from '@concord/protocol';
import { expect, it } from 'vitest';
import { may, type Verb } from './core/permissions.ts';
import { narrowestScope, roleAtMost, scopesAllow } from './scopes.ts';

const verbs: readonly Verb[] = ['read', 'comment', 'write', 'share', 'delete'];

it('a scope allows the same by role (socket) as by verb (REST)', () => {
  for (let bits = 0; bits < 1 << tokenScopes.length; bits += 1) {
    const scopes = tokenScopes.filter((_, place) => (bits & (1 << place)) !== 0);
    const most = roleAtMost(scopes);
    for (const verb of verbs) {
      expect(may(most === 'none' ? null : most, verb), `${scopes.join()} ${verb}`).toBe(
        scopesAllow(scopes, verb),
      );
    }
  }
});

it('the account scope alone allows no document', () => {
  expect(roleAtMost(['account'])).toBe('none');
  expect(verbs.filter((verb) => scopesAllow(['account'], verb))).toEqual([]);
});

it('a refusal names the narrowest sufficient scope', () => {
  const named: TokenScope[] = verbs.map(narrowestScope);
  expect(named).toEqual(['documents:read', 'documents:write', 'documents:write', 'sharing', 'sharing']); // prettier-ignore
});
