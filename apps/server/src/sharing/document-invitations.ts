/**
 * Use cases of invitations to documents: created and withdrawn by owners, answered by the invited person. The answer
 * to an owner, and the time it takes, do not depend on whether there is such a person, so that they reveal neither
 * accounts and their logins, nor whether an invitation was declined.
 */
import { randomId, type DocumentId, type Role } from '@concord/protocol';
import { userIdOf, type Principal } from '../access/principal.ts';
import { requireDocument, requireScopeFor } from '../documents/document-access.ts';
import type { Attempts } from '../platform/attempts.ts';
import type { DomainEvents } from '../platform/domain-events.ts';
import type {
  DocumentInvitationRecord,
  ReceivedInvitationRecord,
} from '../store/ports/document-invitation-store.ts';
import type { Store } from '../store/ports/store.ts';
import { SharingError } from './sharing-error.ts';

/** The whole list is read for every request: more people come by a link. */
const PEOPLE_MAX = 500;
/** Of one account, not accepted so far: what an unwanted inviter can reach with one account. */
export const OPEN_INVITATIONS_MAX = 100;
/** Guests cost nothing to become; what they do from one address is bounded as well (platform/attempts.ts). */
export const OPEN_INVITATIONS_MAX_GUEST = 10;
const INVITATION_MS = 30 * 24 * 60 * 60 * 1_000;
/** More would not be read; the oldest are answered first. */
const LISTED_MAX = 200;

export interface DocumentInvitationsOptions {
  readonly store: Store;
  readonly events: Pick<DomainEvents, 'publish'>;
  readonly attempts: Attempts;
}

/** Whom to invite: by a login, lower case, or by a user id. */
export type Invited =
  { readonly login: string; readonly userId?: never } | { readonly userId: string };

export interface AcceptedInvitation {
  readonly documentId: DocumentId;
  readonly title: string;
}

/** A received invitation, with who it is from. */
export interface ReceivedInvitation extends ReceivedInvitationRecord {
  readonly inviter: { readonly name: string | null; readonly userName: string | null };
}

export class DocumentInvitations {
  readonly #options: DocumentInvitationsOptions;

  constructor(options: DocumentInvitationsOptions) {
    this.#options = options;
  }

  /** Open ones, oldest first. Rejects as {@link requireDocument}. */
  async openOf(
    actor: Principal,
    documentId: DocumentId,
  ): Promise<readonly DocumentInvitationRecord[]> {
    const { store } = this.#options;
    await requireDocument(store, actor, documentId, 'share');
    return store.documentInvitations.ofDocument(documentId, Date.now());
  }

  /**
   * Rejects as {@link requireDocument}, or with {@link SharingError} `tooManyPeople` or `tooManyInvitations`, or
   * TooManyAttemptsError: none of them depends on who is invited.
   * @param address of the request
   */
  async invite(
    actor: Principal,
    address: string,
    documentId: DocumentId,
    { invited, role }: { readonly invited: Invited; readonly role: Role },
  ): Promise<DocumentInvitationRecord> {
    const { store } = this.#options;
    const { access } = await requireDocument(store, actor, documentId, 'share');
    const inviter = userIdOf(actor);
    if (inviter === null) throw new Error('An owner is known by something.');
    await this.#requireRoom(actor, inviter, { address, documentId, people: access.people.size });
    const userId = 'login' in invited ? await this.#accountOf(invited.login) : invited.userId;
    const now = Date.now();
    const record: DocumentInvitationRecord = {
      id: randomId(),
      documentId,
      invitedBy: inviter,
      invited: 'login' in invited ? invited.login : invited.userId,
      userId: userId === inviter ? null : userId,
      role,
      createdAt: now,
      expiresAt: now + INVITATION_MS,
    };
    return { ...record, id: await store.documentInvitations.invite(record) };
  }

  /** Rejects as {@link requireDocument}, or with {@link SharingError} `noSuchInvitation`. */
  async withdraw(actor: Principal, documentId: DocumentId, invitationId: string): Promise<void> {
    const { store } = this.#options;
    await requireDocument(store, actor, documentId, 'share');
    if (await store.documentInvitations.withdraw(documentId, invitationId, Date.now())) return;
    const detail = 'The document has no such invitation (any more).';
    throw new SharingError('noSuchInvitation', detail);
  }

  /** Those that wait for an answer of the one who asks, oldest first. Rejects with ScopeNeededError. */
  async received(actor: Principal): Promise<readonly ReceivedInvitation[]> {
    const { store } = this.#options;
    const userId = invitedPerson(actor);
    if (userId === null) return [];
    const received = await store.documentInvitations.receivedBy(userId, Date.now(), LISTED_MAX);
    const people = await store.people.namesOf(received.map(({ invitedBy }) => invitedBy));
    return received.map((invitation) => {
      const inviter = people.get(invitation.invitedBy) ?? { name: null, userName: null };
      return { ...invitation, inviter };
    });
  }

  /** Gives its role; a higher one stays. Rejects with ScopeNeededError or {@link SharingError} `noSuchInvitation`. */
  async accept(actor: Principal, invitationId: string): Promise<AcceptedInvitation> {
    const { store, events } = this.#options;
    const userId = invitedPerson(actor);
    const documentId =
      userId === null
        ? null
        : await store.documentInvitations.accept(invitationId, userId, Date.now());
    if (documentId === null) throw noSuchInvitation();
    await events.publish({ type: 'accessChanged', documentId });
    return { documentId, title: (await store.documents.get(documentId))?.title ?? '' };
  }

  /** The person who invited is not told. Rejects as {@link accept}. */
  async decline(actor: Principal, invitationId: string): Promise<void> {
    const { documentInvitations } = this.#options.store;
    const userId = invitedPerson(actor);
    const isDeclined =
      userId !== null && (await documentInvitations.decline(invitationId, userId, Date.now()));
    if (!isDeclined) throw noSuchInvitation();
  }

  async #requireRoom(
    actor: Principal,
    inviter: string,
    asked: { readonly address: string; readonly documentId: DocumentId; readonly people: number },
  ): Promise<void> {
    const { store, attempts } = this.#options;
    const isGuest = actor.kind === 'guest';
    if (isGuest) await attempts.begin('guestInvitation', { address: asked.address });
    const now = Date.now();
    const [invitations, own] = await Promise.all([
      store.documentInvitations.ofDocument(asked.documentId, now),
      store.documentInvitations.openCountBy(inviter, now),
    ]);
    if (asked.people + invitations.length >= PEOPLE_MAX) {
      const detail = `A document has at most ${PEOPLE_MAX} people: share it by a link.`;
      throw new SharingError('tooManyPeople', detail);
    }
    const max = isGuest ? OPEN_INVITATIONS_MAX_GUEST : OPEN_INVITATIONS_MAX;
    if (own >= max) {
      const detail = `You have ${max} invitations that were not accepted so far: wait, or share by a link.`;
      throw new SharingError('tooManyInvitations', detail);
    }
  }

  /**
   * Only accounts that are there now: one that is made later under an invited name or address, which are not
   * verified, must not get what was meant for another person.
   */
  async #accountOf(login: string): Promise<string | null> {
    const account = await this.#options.store.accounts.ofLogin(login);
    return account === null || account.disabledAt !== null ? null : account.userId;
  }
}

function invitedPerson(actor: Principal): string | null {
  requireScopeFor(actor, 'share');
  return userIdOf(actor);
}

function noSuchInvitation(): SharingError {
  const detail = 'You have no such invitation (any more): it was answered, withdrawn, or too old.';
  return new SharingError('noSuchInvitation', detail);
}
