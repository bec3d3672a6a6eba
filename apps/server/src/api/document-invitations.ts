/**
 * Inviting people to a document. Status, body and work of the answer are the same whether there is such a person or
 * not, so that nobody learns from it who has an account here, under which name, or whether they declined.
 */
import {
  randomId,
  type AddPerson,
  type DocumentId,
  type DocumentInvitation,
} from '@concord/protocol';
import type { Principal } from '../access/principal.ts';
import { Problem } from '../http/problem.ts';
import type { DocumentInvitationRecord } from '../store/ports/document-invitation-store.ts';
import type { ApiContext } from './context.ts';
import { invalidBody } from '../http/validation.ts';

/** The whole list is read for every request: more people come by a link. */
const PEOPLE_MAX = 500;
/** Of one account, not accepted so far: what an unwanted inviter can reach with one account. */
export const OPEN_INVITATIONS_MAX = 100;
/** Guests cost nothing to become; what they do from one address is bounded as well (platform/attempts.ts). */
export const OPEN_INVITATIONS_MAX_GUEST = 10;
const INVITATION_MS = 30 * 24 * 60 * 60 * 1_000;
/** Of guests and accounts alike (accounts/guest.ts). */
const userIdPattern = /^[0-9a-f]{32}$/;

export interface Inviting {
  readonly documentId: DocumentId;
  /** How many have a role of their own in it. */
  readonly people: number;
  readonly inviter: Principal;
  /** Of the request. */
  readonly address: string;
}

export class DocumentInvitations {
  readonly #context: Pick<ApiContext, 'store' | 'services'>;

  constructor(context: Pick<ApiContext, 'store' | 'services'>) {
    this.#context = context;
  }

  /** Open ones, oldest first. */
  async openOf(documentId: DocumentId): Promise<DocumentInvitation[]> {
    const { documentInvitations } = this.#context.store;
    return (await documentInvitations.ofDocument(documentId, Date.now())).map(resourceOf);
  }

  /**
   * Rejects with a {@link Problem} 400 `invalidBody`, 409 `tooManyPeople` or `tooManyInvitations`, or 429
   * `tooManyAttempts`: none of them depends on who is invited.
   */
  async invite(inviting: Inviting, wanted: AddPerson): Promise<DocumentInvitation> {
    const { store } = this.#context;
    const { documentId, inviter } = inviting;
    if (inviter.kind === 'nobody') throw new Error('An owner is somebody.');
    const invited = invitedOf(wanted);
    await this.#requireRoom(inviting, inviter.userId);
    const userId = wanted.userId ?? (await this.#accountOf(invited));
    const now = Date.now();
    const record: DocumentInvitationRecord = {
      id: randomId(),
      documentId,
      invitedBy: inviter.userId,
      invited,
      userId: userId === inviter.userId ? null : userId,
      role: wanted.role,
      createdAt: now,
      expiresAt: now + INVITATION_MS,
    };
    return resourceOf({ ...record, id: await store.documentInvitations.invite(record) });
  }

  async #requireRoom({ documentId, people, inviter, address }: Inviting, userId: string) {
    const { store, services } = this.#context;
    const isGuest = inviter.kind === 'guest';
    if (isGuest) services.attempts.begin('guestInvitation', { address });
    const now = Date.now();
    const [invitations, own] = await Promise.all([
      store.documentInvitations.ofDocument(documentId, now),
      store.documentInvitations.openCountBy(userId, now),
    ]);
    if (people + invitations.length >= PEOPLE_MAX) {
      const detail = `A document has at most ${PEOPLE_MAX} people: share it by a link.`;
      throw new Problem(409, 'tooManyPeople', 'Too many', detail);
    }
    const max = isGuest ? OPEN_INVITATIONS_MAX_GUEST : OPEN_INVITATIONS_MAX;
    if (own >= max) {
      const detail = `You have ${max} invitations that were not accepted so far: wait, or share by a link.`;
      throw new Problem(409, 'tooManyInvitations', 'Too many', detail);
    }
  }

  /**
   * Only accounts that are there now: one that is made later under an invited name or address, which are not
   * verified, must not get what was meant for somebody else.
   */
  async #accountOf(login: string): Promise<string | null> {
    const account = await this.#context.store.accounts.ofLogin(login);
    return account === null || account.disabledAt !== null ? null : account.userId;
  }
}

function invitedOf({ login, userId }: AddPerson): string {
  if (login !== undefined && userId === undefined) return login.toLowerCase();
  if (userId === undefined || login !== undefined) {
    throw invalidBody('login', 'or userId must be given, and not both');
  }
  if (!userIdPattern.test(userId)) throw invalidBody('userId', 'is no user id');
  return userId;
}

function resourceOf(record: DocumentInvitationRecord): DocumentInvitation {
  const { id, invited, role, createdAt, expiresAt } = record;
  return { id, invited, role, createdAt, expiresAt };
}
