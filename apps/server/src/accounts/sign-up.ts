/**
 * New accounts, by password or by single sign-on. A guest who signs up keeps the user id, and with it every
 * document, role and unsent edit; from then on the guest's cookie proves nothing.
 */
import { randomBytes } from 'node:crypto';
import { NAME_CHARACTERS, type SignUpMode } from '@concord/protocol';
import type { DomainEvents } from '../platform/domain-events.ts';
import { userIdOf, type Principal } from '../access/principal.ts';
import type { Attempts } from '../platform/attempts.ts';
import { AccountError } from './account-error.ts';
import type { Passwords } from './passwords.ts';
import {
  DuplicateAccountError,
  InvitationError,
  type AccountRecord,
  type InvitationRecord,
} from '../store/ports/account-store.ts';
import type { Store } from '../store/ports/store.ts';
import { tokenHash } from './secrets.ts';

export interface NewAccount {
  /** Of the guest who becomes the account; null for a new one. */
  readonly guestId: string | null;
  readonly userName: string;
  readonly email: string | null;
  readonly passwordHash: string | null;
  readonly subject: string | null;
  /** Null: the name chosen as a guest, or else the user name. */
  readonly name: string | null;
}

/** An account with a password. */
export interface WantedAccount extends Pick<NewAccount, 'userName' | 'email' | 'name'> {
  readonly password: string;
  /** Its token; null for none. */
  readonly invitation: string | null;
}

export interface SignUpsOptions {
  readonly store: Pick<Store, 'accounts' | 'invitations' | 'people'>;
  readonly mode: SignUpMode;
  readonly events: DomainEvents;
  readonly attempts: Attempts;
  readonly passwords: Passwords;
  readonly now?: () => number;
}

export class SignUps {
  readonly #options: SignUpsOptions;
  readonly #now: () => number;

  constructor(options: SignUpsOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /**
   * Makes an account of the guest who asks, who keeps every document. Rejects as {@link admit} and {@link create}, or
   * with {@link AccountError} `signedUpAlready`, `userNameTaken`, `emailTaken` or `passwordsBusy`, or
   * TooManyAttemptsError.
   * @param address of the request
   */
  async signUp(
    principal: Principal,
    address: string,
    { userName, email, name, password, invitation }: WantedAccount,
  ): Promise<AccountRecord> {
    const { attempts, passwords } = this.#options;
    if (principal.kind === 'account' || principal.kind === 'apiToken') {
      throw new AccountError('signedUpAlready', 'You are signed in: sign out first.');
    }
    await attempts.begin('signUp', { address });
    const attempt = invitation === null ? null : await attempts.begin('invitation', { address });
    const admitted = await this.admit(invitation);
    await attempt?.succeeded();
    const registration =
      admitted === null ? await attempts.begin('registration', { address }) : null;
    // Before the name is looked at: whether it is taken costs the same.
    const passwordHash = await passwords.hash(password);
    const account = {
      guestId: userIdOf(principal),
      userName,
      email,
      passwordHash,
      subject: null,
      name,
    };
    return this.create(account, admitted).catch(async (error: unknown) => {
      await registration?.undone();
      throw takenError(error);
    });
  }

  /**
   * The invitation to be used up, or null where none is needed. Rejects with an {@link AccountError}
   * `signUpClosed`, `invitationNeeded` or `invitationInvalid`.
   */
  async admit(invitationToken: string | null): Promise<InvitationRecord | null> {
    const { mode, store } = this.#options;
    if (invitationToken === null) {
      if (mode === 'closed') throw signUpClosed();
      if (mode === 'invitation') {
        const detail = 'Accounts are by invitation here: ask an administrator for one.';
        throw new AccountError('invitationNeeded', detail);
      }
      return null;
    }
    const invitation = await store.invitations.ofHash(tokenHash(invitationToken));
    if (invitation === null || invitation.expiresAt <= this.#now()) throw invitationInvalid();
    // A closed installation admits only invited administrators: the first start prints an invitation for one.
    if (mode === 'closed' && !invitation.isAdmin) throw signUpClosed();
    return invitation;
  }

  /**
   * Rejects with {@link DuplicateAccountError}, or an {@link AccountError} `invitationInvalid` when the
   * invitation was used concurrently.
   */
  async create(account: NewAccount, invitation: InvitationRecord | null): Promise<AccountRecord> {
    const { store, events } = this.#options;
    const { guestId, userName, email, passwordHash, subject } = account;
    const now = this.#now();
    const record: AccountRecord = {
      userId: guestId ?? newUserId(),
      userName,
      email,
      passwordHash,
      subject,
      isAdmin: invitation?.isAdmin ?? false,
      createdAt: now,
      disabledAt: null,
    };
    const used = invitation === null ? null : { hash: invitation.tokenHash, now };
    const { userId } = record;
    const known = await store.people.nameOf(userId);
    const name = account.name ?? known ?? userName;
    const shown = name.slice(0, NAME_CHARACTERS);
    await store.accounts
      .create(record, used, name === known ? null : shown)
      .catch((error: unknown) => {
        throw error instanceof InvitationError ? invitationInvalid() : error;
      });
    await events.publish({ type: 'accountChanged', userId });
    // Connections that came by the guest's cookie prove nothing any more; they come back by the account.
    await events.publish({ type: 'sessionsEnded', userId, exceptSessionId: null });
    await events.publish({ type: 'personRenamed', userId, name: shown });
    return record;
  }
}

/** What a taken login is told; any other error as it is. */
export function takenError(error: unknown): unknown {
  if (!(error instanceof DuplicateAccountError)) return error;
  switch (error.field) {
    case 'userName':
      return new AccountError('userNameTaken', 'This user name is taken: choose another.');
    case 'email': {
      const detail = 'This email address is taken: use another, or sign in.';
      return new AccountError('emailTaken', detail);
    }
    case 'userId':
    case 'subject': {
      const detail = 'There is an account for you already: sign in.';
      return new AccountError('signedUpAlready', detail);
    }
  }
}

/** In the format of a guest's id, which is a hash. */
function newUserId(): string {
  return randomBytes(16).toString('hex');
}

function signUpClosed(): AccountError {
  return new AccountError('signUpClosed', 'New accounts are not made here.');
}

function invitationInvalid(): AccountError {
  const detail = 'This invitation was used, was taken back, or is too old: ask for a new one.';
  return new AccountError('invitationInvalid', detail);
}
