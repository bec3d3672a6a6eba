/**
 * Whether somebody may do something with a document, asked of the store for every request: never of a value
 * remembered from an earlier one (docs/security.md#every-message). Absent and forbidden to read are
 * the same answer.
 */
import { documentIdSchema, type DocumentId, type Role } from '@concord/protocol';
import { z } from 'zod';
import { currentRole, may, type DocumentAccess, type Verb } from '../access/core/permissions.ts';
import { askerOf, userIdOf, type Principal } from '../access/principal.ts';
import { narrowestScope, scopesAllow } from '../access/scopes.ts';
import { notFound, Problem } from '../http/problem.ts';
import type { ApiContext } from './context.ts';
import {
  principalOfRequest,
  requireScope,
  type AskingRequest,
} from '../http/principal-of-request.ts';

export interface AccessedDocument {
  readonly id: DocumentId;
  readonly principal: Principal;
  /** What the principal may do, limited by its API token. */
  readonly role: Role;
  readonly access: DocumentAccess;
}

/** In the address of everything that belongs to a document; another form is a document that is not there. */
export const documentParams = z.strictObject({ id: documentIdSchema });

const refusals: Readonly<Record<Verb, string>> = {
  read: 'You may not read this document.',
  comment: 'You may read this document, but not comment in it. Its owner can change that.',
  write: 'You may read this document, but not change it. Its owner can change that.',
  share: 'Only owners of the document decide who may do what with it.',
  delete: 'Only owners of the document may delete it, or restore it.',
};

/**
 * Rejects with a {@link Problem} 404 `notFound`, 403 `forbidden`, 403 `scopeNeeded`, or 401 as
 * {@link principalOfRequest}.
 */
export async function requireDocument(
  context: Pick<ApiContext, 'store' | 'config' | 'authenticator'>,
  request: AskingRequest,
  id: DocumentId,
  verb: Verb,
): Promise<AccessedDocument> {
  const principal = await principalOfRequest(context, request);
  requireScopeFor(principal, verb);
  const accessed = await readableDocument(context, principal, id);
  if (accessed === null) throw notFound();
  requireVerb(accessed, verb);
  return accessed;
}

/** Null for a document that is not there, and for one that may not be read alike. */
export async function readableDocument(
  { store }: Pick<ApiContext, 'store'>,
  principal: Principal,
  id: DocumentId,
): Promise<AccessedDocument | null> {
  const access = await store.access.getFor(id, userIdOf(principal));
  if (access === null) return null;
  const { role } = currentRole(access, askerOf(principal), Date.now());
  return role === null ? null : { id, principal, role, access };
}

/** Throws a {@link Problem} 403 `forbidden`. */
export function requireVerb({ role }: Pick<AccessedDocument, 'role'>, verb: Verb): void {
  if (!may(role, verb)) throw new Problem(403, 'forbidden', 'Forbidden', refusals[verb]);
}

/** Whatever the document: an API token that is not for this. Throws a {@link Problem} 403 `scopeNeeded`. */
export function requireScopeFor(principal: Principal, verb: Verb): void {
  if (principal.kind !== 'apiToken' || scopesAllow(principal.scopes, verb)) return;
  requireScope(principal, narrowestScope(verb));
}

/** Throws a {@link Problem} 409 `inTrash`: what lies there is read and restored, not changed. */
export function requireNotTrashed({ access }: Pick<AccessedDocument, 'access'>): void {
  if (!access.isTrashed) return;
  throw new Problem(409, 'inTrash', 'In the trash', 'It is in the trash: restore it first.');
}
