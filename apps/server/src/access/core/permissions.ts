/**
 * Who may do what with a document: pure decisions over its access list (pure cores). The owner of the document asks
 * here for every message, the REST API for every request.
 *
 *   own role ┐
 *   links    ├─▶ the highest of them, if not in the trash ─▶ verbs
 *   anyone   ┘                                                    (`may`, packages/protocol/src/roles.ts)
 */
import {
  higherRole,
  lowerRole,
  type AnyoneAccess,
  type LinkRole,
  type Role,
} from '@concord/protocol';
import { compareText } from '../../platform/core/text-order.ts';

export { may, type Verb } from '@concord/protocol';

export interface AccessLink {
  readonly id: string;
  readonly role: LinkRole;
  /** Milliseconds since 1970; null for never. */
  readonly expiresAt: number | null;
}

/** Everything that decides about access to one document. */
export interface DocumentAccess {
  /** Grows with every change. */
  readonly epoch: number;
  readonly anyone: AnyoneAccess;
  readonly isTrashed: boolean;
  /** Own roles by user id. */
  readonly people: ReadonlyMap<string, Role>;
  readonly links: readonly AccessLink[];
  /** Ids of the links that a person opened, by user id. */
  readonly opened: ReadonlyMap<string, readonly string[]>;
}

/** Whether somebody asks at all, and what limits them besides the document. */
export interface Asker {
  /** Null for a request that did not say who it is. */
  readonly userId: string | null;
  /** The most that the scopes of an API token allow (scopes.ts); null for no such limit. */
  readonly atMost?: Role | 'none' | null;
}

/** A role, and until when it is certain: an expiring link may end it then (milliseconds since 1970). */
export interface CurrentRole {
  readonly role: Role | null;
  readonly until: number;
}

/** @param now milliseconds since 1970 */
export function currentRole(access: DocumentAccess, asker: Asker, now: number): CurrentRole {
  const own = asker.userId === null ? undefined : access.people.get(asker.userId);
  // What lies in the trash is there for its owners alone.
  if (access.isTrashed && own !== 'owner') return { role: null, until: Infinity };
  let role: Role | null = own ?? null;
  let until = Infinity;
  if (access.anyone !== 'off') role = higherRole(role, access.anyone);
  const openedIds = asker.userId === null ? undefined : access.opened.get(asker.userId);
  if (openedIds !== undefined) {
    for (const link of access.links) {
      if (!openedIds.includes(link.id)) continue;
      if (link.expiresAt !== null && link.expiresAt <= now) continue;
      role = higherRole(role, link.role);
      if (link.expiresAt !== null) until = Math.min(until, link.expiresAt);
    }
  }
  return { role: limitedRole(role, asker), until };
}

/** A role as far as the proof of the one who asks allows it. */
export function limitedRole(role: Role | null, { atMost = null }: Asker): Role | null {
  if (role === null || atMost === null) return role;
  if (atMost === 'none') return null;
  return lowerRole(role, atMost);
}

/** The role in a live session: what lies in the trash is read, not written, even by its owners. */
export function currentRoleLive(access: DocumentAccess, asker: Asker, now: number): CurrentRole {
  const { role, until } = currentRole(access, asker, now);
  return { role: access.isTrashed && role !== null ? 'viewer' : role, until };
}

/** Whose the document is said to be: the creator's while still an owner, else the first owner's by user id. */
export function namedOwner(createdBy: string, people: ReadonlyMap<string, Role>): string {
  if (people.get(createdBy) === 'owner') return createdBy;
  const owners = [...people].flatMap(([userId, role]) => (role === 'owner' ? [userId] : []));
  return owners.sort(compareText)[0] ?? createdBy;
}

/** The access list of a document that only its creator may open. */
export function privateAccess(ownerId: string): DocumentAccess {
  return {
    epoch: 1,
    anyone: 'off',
    isTrashed: false,
    people: new Map([[ownerId, 'owner']]),
    links: [],
    opened: new Map(),
  };
}
