/**
 * Authorisation for a document, read from the store for every request and never cached
 * (docs/security.md#every-message). An absent document and one that the principal may not read are the same error.
 */
import type { DocumentId, Role } from '@concord/protocol';
import { AccessError, ScopeNeededError } from '../access/access-error.ts';
import { currentRole, may, type DocumentAccess, type Verb } from '../access/core/permissions.ts';
import { askerOf, userIdOf, type Principal } from '../access/principal.ts';
import { narrowestScope, scopesAllow } from '../access/scopes.ts';
import type { Store } from '../store/ports/store.ts';
import { DocumentError, documentNotFound } from './document-error.ts';

export interface AccessedDocument {
  readonly id: DocumentId;
  readonly principal: Principal;
  /** Effective role of the principal, limited by its API token. */
  readonly role: Role;
  readonly access: DocumentAccess;
}

const refusals: Readonly<Record<Verb, string>> = {
  read: 'You may not read this document.',
  comment: 'You may read this document, but not comment in it. Its owner can change that.',
  write: 'You may read this document, but not change it. Its owner can change that.',
  share: 'Only owners of the document decide who may do what with it.',
  delete: 'Only owners of the document may delete it, or restore it.',
};

/** Rejects with {@link ScopeNeededError}, {@link DocumentError} `notFound` or {@link AccessError} `forbidden`. */
export async function requireDocument(
  store: Pick<Store, 'access'>,
  principal: Principal,
  id: DocumentId,
  verb: Verb,
): Promise<AccessedDocument> {
  requireScopeFor(principal, verb);
  const accessed = await readableDocument(store, principal, id);
  if (accessed === null) throw documentNotFound();
  requireVerb(accessed, verb);
  return accessed;
}

/** Null both for an absent document and for one that the principal may not read. */
export async function readableDocument(
  store: Pick<Store, 'access'>,
  principal: Principal,
  id: DocumentId,
): Promise<AccessedDocument | null> {
  const access = await store.access.getFor(id, userIdOf(principal));
  if (access === null) return null;
  const { role } = currentRole(access, askerOf(principal), Date.now());
  return role === null ? null : { id, principal, role, access };
}

/** Throws {@link AccessError} `forbidden`. */
export function requireVerb({ role }: Pick<AccessedDocument, 'role'>, verb: Verb): void {
  if (!may(role, verb)) throw new AccessError('forbidden', refusals[verb]);
}

/** Refuses an API token without a scope for this verb. Throws {@link ScopeNeededError}. */
export function requireScopeFor(principal: Principal, verb: Verb): void {
  if (principal.kind !== 'apiToken' || scopesAllow(principal.scopes, verb)) return;
  // Names the narrowest of the scopes that allow it.
  throw new ScopeNeededError(narrowestScope(verb));
}

/** Throws {@link DocumentError} `inTrash`: a trashed document can be read and restored, not changed. */
export function requireNotTrashed({ access }: Pick<AccessedDocument, 'access'>): void {
  if (!access.isTrashed) return;
  throw new DocumentError('inTrash', 'It is in the trash: restore it first.');
}
