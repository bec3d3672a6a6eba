/**
 * What the scopes of an API token are for: the one table that every door asks. REST checks the verb of a request,
 * the socket the role that the scopes allow at most; both come from here, so that neither gives what the other refuses.
 */
import type { Role, TokenScope } from '@concord/protocol';
import type { Verb } from './core/permissions.ts';

/** The first is the narrowest that suffices; a wider scope holds the narrower ones. `account` is for no document. */
const scopesFor: Readonly<Record<Verb, readonly [TokenScope, ...TokenScope[]]>> = {
  read: ['documents:read', 'documents:write', 'sharing'],
  comment: ['documents:write', 'sharing'],
  write: ['documents:write', 'sharing'],
  share: ['sharing'],
  delete: ['sharing'],
};

/** Each role with the verb that it is the lowest role for, highest first (`needed` in permissions.ts). */
const rolesByVerb: readonly (readonly [Verb, Role])[] = [
  ['share', 'owner'],
  ['write', 'editor'],
  ['comment', 'commenter'],
  ['read', 'viewer'],
];

/** The narrowest scope for a verb: what a refusal names. */
export function narrowestScope(verb: Verb): TokenScope {
  return scopesFor[verb][0];
}

export function scopesAllow(scopes: readonly TokenScope[], verb: Verb): boolean {
  return scopesFor[verb].some((scope) => scopes.includes(scope));
}

/** The highest role that the scopes allow; `none` when they are for no document. */
export function roleAtMost(scopes: readonly TokenScope[]): Role | 'none' {
  return rolesByVerb.find(([verb]) => scopesAllow(scopes, verb))?.[1] ?? 'none';
}
