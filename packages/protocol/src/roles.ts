/** Roles in a document and their permissions, shared by the server, which enforces them, and by pages. */
import { z } from 'zod';

export const roleSchema = z.enum(['owner', 'editor', 'commenter', 'viewer']);
export type Role = z.infer<typeof roleSchema>;

export type Verb = 'read' | 'comment' | 'write' | 'share' | 'delete';

const ranks: Readonly<Record<Role, number>> = { viewer: 1, commenter: 2, editor: 3, owner: 4 };
const needed: Readonly<Record<Verb, Role>> = {
  read: 'viewer',
  comment: 'commenter',
  write: 'editor',
  share: 'owner',
  delete: 'owner',
};

/** Whether a role suffices for a verb; without a role nothing is allowed. */
export function may(role: Role | null, verb: Verb): boolean {
  return role !== null && ranks[role] >= ranks[needed[verb]];
}

export function higherRole(one: Role | null, other: Role): Role {
  return one !== null && ranks[one] >= ranks[other] ? one : other;
}

export function lowerRole(one: Role, other: Role): Role {
  return ranks[one] > ranks[other] ? other : one;
}
