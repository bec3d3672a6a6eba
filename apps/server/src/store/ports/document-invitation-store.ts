/** The part of the store port that knows who was invited to which document, and has not answered yet. */
import type { DocumentId, Role } from '@concord/protocol';

export interface DocumentInvitationRecord {
  readonly id: string;
  readonly documentId: DocumentId;
  /** User id of the owner who invites. */
  readonly invitedBy: string;
  /** What the owner gave: a login, lower case, or a user id. Nothing else is told to owners. */
  readonly invited: string;
  /** Whom it reaches; null for nobody. Decided once, when the invitation is made. */
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
 * To its document's owners an invitation looks the same whether it reaches somebody, reaches nobody, or was declined.
 * Those of somebody who is an owner no more are gone: only owners give access.
 */
export interface DocumentInvitationRepository {
  /**
   * Keeps an invitation, in place of an open one to the same `invited` of the same document. Resolves to its id. A
   * person who declined an invitation to the document stays unasked until that one expires.
   */
  invite(invitation: DocumentInvitationRecord): Promise<string>;
  /** Oldest first. */
  ofDocument(documentId: DocumentId, now: number): Promise<readonly DocumentInvitationRecord[]>;
  /** How many invitations of this person have not been accepted, those that were withdrawn within a day included. */
  openCountBy(userId: string, now: number): Promise<number>;
  /** False when the document has no such open invitation. */
  withdraw(documentId: DocumentId, id: string, now: number): Promise<boolean>;
  /** To be answered by this person, oldest first; none to documents in the trash. */
  receivedBy(
    userId: string,
    now: number,
    limit: number,
  ): Promise<readonly ReceivedInvitationRecord[]>;
  /**
   * Gives the role in the same write, or keeps a higher one that the person has. Null when there is no such invitation
   * for this person (any more).
   */
  accept(id: string, userId: string, now: number): Promise<DocumentId | null>;
  /** False when there is no such invitation for this person (any more). */
  decline(id: string, userId: string, now: number): Promise<boolean>;
  removeExpired(now: number): Promise<void>;
}
