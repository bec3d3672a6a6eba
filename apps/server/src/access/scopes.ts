/**
 * Permissions of API token scopes, in one table. REST checks the verb of a request, the socket the highest role that
 * the scopes allow; both derive from this table, so that they cannot disagree.
 */
import type { Role, TokenScope } from '@concord/protocol';
import type { Verb } from './core/permissions.ts';

/** Scopes that allow a verb, the narrowest first; wider scopes include narrower ones. `account` allows none. */
const scopesFor: Readonly<Record<Verb, readonly [TokenScope, ...TokenScope[]]>> = {
  read: ['documents:read', 'documents:write', 'sharing'],
  comment: ['documents:write', 'sharing'],
  write: ['documents:write', 'sharing'],
  share: ['sharing'],
  delete: ['sharing'],
};

/** Each role with the verb that needs it at least, highest first (`needed` in permissions.ts). */
const rolesByVerb: readonly (readonly [Verb, Role])[] = [
  ['share', 'owner'],
  ['write', 'editor'],
  ['comment', 'commenter'],
  ['read', 'viewer'],
];

/** The narrowest scope for a verb, which a refusal names. */
export function narrowestScope(verb: Verb): TokenScope {
  return scopesFor[verb][0];
}

export function scopesAllow(scopes: readonly TokenScope[], verb: Verb): boolean {
  return scopesFor[verb].some((scope) => scopes.includes(scope));
}

/** The highest role that the scopes allow; `none` when they allow no document. */
export function roleAtMost(scopes: readonly TokenScope[]): Role | 'none' {
  return rolesByVerb.find(([verb]) => scopesAllow(scopes, verb))?.[1] ?? 'none';
}
