/** Records of accounts and links for the tests of stores. */
import type { DocumentId } from '@concord/protocol';
import type { DocumentInvitationRecord } from './ports/document-invitation-store.ts';
import type { ShareLinkRecord } from './ports/access-store.ts';
import type {
  AccountRecord,
  ApiTokenRecord,
  AuthSessionRecord,
  InvitationRecord,
} from './ports/account-store.ts';
import type { LibraryQuery } from './ports/library-store.ts';

/** An account whose user name is the user id. */
export function accountOf(userId: string, change: Partial<AccountRecord> = {}): AccountRecord {
  return {
    userId,
    userName: userId,
    email: null,
    passwordHash: null,
    subject: null,
    isAdmin: false,
    createdAt: 1,
    disabledAt: null,
    ...change,
  };
}

/** A link whose token hash is `hash-of-<id>`. */
export function linkOf(
  id: string,
  documentId: DocumentId,
  change: Partial<ShareLinkRecord> = {},
): ShareLinkRecord {
  return {
    id,
    documentId,
    role: 'viewer',
    label: `Link "${id}" 😀`,
    tokenHash: `hash-of-${id}`,
    passwordHash: null,
    createdBy: 'ann',
    createdAt: 1,
    expiresAt: null,
    ...change,
  };
}

/** An invitation of Eve by Ann, until 1,000. */
export function documentInvitationOf(
  id: string,
  documentId: DocumentId,
  change: Partial<DocumentInvitationRecord> = {},
): DocumentInvitationRecord {
  return {
    id,
    documentId,
    invitedBy: 'ann',
    invited: `login-of-${id}`,
    userId: 'eve',
    role: 'viewer',
    createdAt: 1,
    expiresAt: 1_000,
    ...change,
  };
}

/** A session whose refresh token has the hash `hash-of-<id>`. */
export function sessionOf(
  id: string,
  userId: string,
  change: Partial<AuthSessionRecord> = {},
): AuthSessionRecord {
  return {
    id,
    userId,
    tokenHash: `hash-of-${id}`,
    formerTokenHash: null,
    attemptHash: null,
    rotatedAt: 1,
    createdAt: 1,
    lastUsedAt: 1,
    expiresAt: 1_000,
    provenAt: 0,
    userAgent: 'Browser "1" 😀',
    address: '127.0.0.1',
    ...change,
  };
}

/** A token whose hash is `hash-of-<id>`. */
export function tokenOf(
  id: string,
  userId: string,
  change: Partial<ApiTokenRecord> = {},
): ApiTokenRecord {
  return {
    id,
    userId,
    label: `Token "${id}"`,
    tokenHash: `hash-of-${id}`,
    scopes: ['documents:read', 'account'],
    createdAt: 1,
    lastUsedAt: null,
    expiresAt: null,
    ...change,
  };
}

/** An invitation whose token's hash is `hash-of-<id>`; it expires at 1,000. */
export function invitationOf(id: string, change: Partial<InvitationRecord> = {}): InvitationRecord {
  return {
    id,
    tokenHash: `hash-of-${id}`,
    label: `Invitation "${id}"`,
    isAdmin: false,
    createdBy: 'ann',
    createdAt: 1,
    expiresAt: 1_000,
    usedBy: null,
    ...change,
  };
}

/** Everything a person sees, in one page, at the time 100. */
export function queryOf(userId: string, change: Partial<LibraryQuery> = {}): LibraryQuery {
  return {
    userId,
    view: 'all',
    folder: null,
    search: null,
    limit: 100,
    cursor: null,
    now: 100,
    ...change,
  };
}
