/** The part of the store port that says who may do what. Every change raises the document's access epoch. */
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

/** A link, and how many people opened it. */
export interface ListedShareLink extends ShareLinkRecord {
  readonly people: number;
}

export interface ShareLinkChange {
  readonly role?: LinkRole;
  readonly label?: string;
  /** Whoever opened the link has to open it again. */
  readonly passwordHash?: string | null;
  readonly expiresAt?: number | null;
}

/** Counts the changes of what a document has beside its text. */
export interface DocumentRevision {
  /** Of its access list. */
  readonly epoch: number;
  readonly titleVersion: number;
}

export interface AccessRepository {
  /** Null when there is no such document. */
  get(documentId: DocumentId): Promise<DocumentAccess | null>;
  /**
   * As {@link get}, but of the links that people opened, those of this person alone: for one request, whose cost must
   * not grow with the number of people.
   */
  getFor(documentId: DocumentId, userId: string | null): Promise<DocumentAccess | null>;
  /** Of those documents that exist: what an owner compares with what it knows. */
  revisions(documentIds: readonly DocumentId[]): Promise<ReadonlyMap<DocumentId, DocumentRevision>>;
  setAnyone(documentId: DocumentId, anyone: AnyoneAccess): Promise<void>;
  /** Gives a person a role of their own. Rejects with {@link LastOwnerError}. */
  grant(documentId: DocumentId, userId: string, role: Role): Promise<void>;
  /**
   * Takes away a person's own role, what links gave this person so far, and open invitations by this user id; false
   * when there was neither role nor link.
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
   * Remembers that this person opened the link; again is harmless. Of a removed link, nothing is kept. Answers false,
   * and keeps nothing, when so many other openings of the document's links are kept.
   * @param most `LINK_OPENINGS_PER_DOCUMENT`, unless given
   */
  openLink(linkId: string, userId: string, most?: number): Promise<boolean>;
}

/** A document never is without an owner. */
export class LastOwnerError extends Error {
  readonly code = 'lastOwner';
}
