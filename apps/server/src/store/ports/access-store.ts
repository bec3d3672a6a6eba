/** The part of the store port for access lists. Each change increments the document's access epoch. */
import type { AnyoneAccess, DocumentId, LinkRole, Role } from '@concord/protocol';
import type { DocumentAccess } from '../../access/core/permissions.ts';
import type { KeptWrite } from './account-store.ts';

export interface ShareLinkRecord {
  readonly id: string;
  readonly documentId: DocumentId;
  readonly role: LinkRole;
  readonly label: string;
  /** SHA-256 of the token, hexadecimal. */
  readonly tokenHash: string;
  /** Argon2id, in PHC format; null for none. */
  readonly passwordHash: string | null;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly expiresAt: number | null;
}

/** A link, and the number of people who opened it. */
export interface ListedShareLink extends ShareLinkRecord {
  readonly people: number;
}

export interface ShareLinkChange {
  readonly role?: LinkRole;
  readonly label?: string;
  /** A change invalidates all openings: each person has to open the link again. */
  readonly passwordHash?: string | null;
  readonly expiresAt?: number | null;
}

/** Change counters of what a document has beside its text. */
export interface DocumentRevision {
  /** Of its access list. */
  readonly epoch: number;
  readonly titleVersion: number;
}

export interface AccessRepository {
  /** Null when the document does not exist. */
  get(documentId: DocumentId): Promise<DocumentAccess | null>;
  /**
   * As {@link get}, but with the link openings of this person only: the cost of one request must not grow with the
   * number of people.
   */
  getFor(documentId: DocumentId, userId: string | null): Promise<DocumentAccess | null>;
  /** Revisions of those documents that exist; owners compare them with their own. */
  revisions(documentIds: readonly DocumentId[]): Promise<ReadonlyMap<DocumentId, DocumentRevision>>;
  setAnyone(documentId: DocumentId, anyone: AnyoneAccess): Promise<void>;
  /** Gives a person a role of their own. Rejects with {@link LastOwnerError}. */
  grant(documentId: DocumentId, userId: string, role: Role): Promise<void>;
  /**
   * Revokes a person's own role, link openings and open invitations by this user id; false when there was neither role
   * nor link.
   * Rejects with {@link LastOwnerError}.
   */
  revoke(documentId: DocumentId, userId: string, kept?: KeptWrite | null): Promise<boolean>;
  addLink(link: ShareLinkRecord, kept?: KeptWrite | null): Promise<void>;
  /** Oldest first. */
  links(documentId: DocumentId): Promise<readonly ListedShareLink[]>;
  /** False when the document has no such link. */
  changeLink(documentId: DocumentId, linkId: string, change: ShareLinkChange): Promise<boolean>;
  removeLink(documentId: DocumentId, linkId: string, kept?: KeptWrite | null): Promise<boolean>;
  linkOfToken(tokenHash: string): Promise<ShareLinkRecord | null>;
  /**
   * Records that this person opened the link; idempotent. Records nothing for a removed link. Resolves to false, and
   * records nothing, when the document has `most` other openings of links.
   * @param most `LINK_OPENINGS_PER_DOCUMENT` by default
   */
  openLink(linkId: string, userId: string, most?: number): Promise<boolean>;
}

/** The change would leave the document without an owner. */
export class LastOwnerError extends Error {
  readonly code = 'lastOwner';
}
