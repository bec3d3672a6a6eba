/** Roles in a document and their permissions, shared by the server, which enforces them, and by pages. */
import type { Role } from './words.ts';

export type Verb = 'read' | 'comment' | 'write' | 'share' | 'delete';

/** Each role may do all that those before it may. */
export const ROLES_ASCENDING = ['viewer', 'commenter', 'editor', 'owner'] as const satisfies readonly Role[]; // prettier-ignore

const rank = (role: Role): number => ROLES_ASCENDING.indexOf(role);
const needed: Readonly<Record<Verb, Role>> = {
  read: 'viewer',
  comment: 'commenter',
  write: 'editor',
  share: 'owner',
  delete: 'owner',
};

/** Whether a role suffices for a verb; without a role nothing is allowed. */
export function may(role: Role | null, verb: Verb): boolean {
  return role !== null && rank(role) >= rank(needed[verb]);
}

export function higherRole(one: Role | null, other: Role): Role {
  return one !== null && rank(one) >= rank(other) ? one : other;
}

export function lowerRole(one: Role, other: Role): Role {
  return rank(one) > rank(other) ? other : one;
}
