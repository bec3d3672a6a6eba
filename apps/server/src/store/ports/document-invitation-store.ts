/** The part of the store port for open invitations to documents. */
import type { DocumentId, Role } from '@concord/protocol';

export interface DocumentInvitationRecord {
  readonly id: string;
  readonly documentId: DocumentId;
  /** User id of the inviting owner. */
  readonly invitedBy: string;
  /** The login (lower case) or user id that the owner entered; owners see nothing else of the person. */
  readonly invited: string;
  /** The person it reaches; null for an unknown login. Resolved once, when the invitation is created. */
  readonly userId: string | null;
  readonly role: Role;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** An invitation as the invited person sees it. */
export interface ReceivedInvitationRecord {
  readonly id: string;
  readonly title: string;
  readonly role: Role;
  /** User id. */
  readonly invitedBy: string;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/**
 * To the owners of the document an invitation looks the same whether it reached a person or not, and after it was
 * declined. Invitations by a former owner are void: only owners give access.
 */
export interface DocumentInvitationRepository {
  /**
   * Stores an invitation, replacing an open one for the same `invited` and document. Resolves to its id. A person who
   * declined an invitation to the document is not shown another until that one expires.
   */
  invite(invitation: DocumentInvitationRecord): Promise<string>;
  /** Oldest first. */
  ofDocument(documentId: DocumentId, now: number): Promise<readonly DocumentInvitationRecord[]>;
  /** Number of unaccepted invitations by this person, including those withdrawn within a day. */
  openCountBy(userId: string, now: number): Promise<number>;
  /** False when the document has no such open invitation. */
  withdraw(documentId: DocumentId, id: string, now: number): Promise<boolean>;
  /** Open invitations for this person, oldest first; none to documents in the trash. */
  receivedBy(
    userId: string,
    now: number,
    limit: number,
  ): Promise<readonly ReceivedInvitationRecord[]>;
  /**
   * Grants the role in the same write, unless the person has a higher one. Null when this person has no such
   * invitation (any more).
   */
  accept(id: string, userId: string, now: number): Promise<DocumentId | null>;
  /** False when this person has no such invitation (any more). */
  decline(id: string, userId: string, now: number): Promise<boolean>;
  removeExpired(now: number): Promise<void>;
}
