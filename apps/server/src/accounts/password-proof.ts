/** The password of an account, asked for by what a forgotten screen must not be enough for. */
import type { SignedInPrincipal } from '../access/principal.ts';
import type { Attempts } from '../platform/attempts.ts';
import type { Store } from '../store/ports/store.ts';
import { AccountError } from './account-error.ts';
import type { AuthSessions } from './auth-sessions.ts';
import type { Passwords } from './passwords.ts';

export interface PasswordProofsOptions {
  readonly store: Pick<Store, 'accounts'>;
  readonly attempts: Attempts;
  readonly passwords: Passwords;
  readonly authSessions: AuthSessions;
}

/** Who has to prove it, and what they say. */
export interface PasswordClaim {
  readonly principal: SignedInPrincipal;
  /** Of the request. */
  readonly address: string;
  readonly password: string | undefined;
}

export class PasswordProofs {
  readonly #options: PasswordProofsOptions;

  constructor(options: PasswordProofsOptions) {
    this.#options = options;
  }

  /**
   * Asks for the password each time. An account of a single sign-on alone has none: it proves itself by having signed
   * in lately. Rejects with {@link AccountError} `wrongPassword`, `signInAgain` or `passwordsBusy`, or
   * TooManyAttemptsError.
   */
  async require({ principal, address, password }: PasswordClaim): Promise<void> {
    const { store, attempts, passwords, authSessions } = this.#options;
    const { userId, authSessionId } = principal;
    const account = await store.accounts.get(userId);
    if (account === null || account.passwordHash === null) {
      if (await authSessions.isProven(authSessionId)) return;
      const detail = 'You signed in too long ago for this. Nothing was done; sign in again first.';
      throw new AccountError('signInAgain', detail);
    }
    const attempt = await attempts.begin('ownPassword', { subject: userId, address });
    const isRight = await passwords
      .verify(account.passwordHash, password ?? '')
      .catch(async (error: unknown) => {
        await attempt.undone();
        throw error;
      });
    if (!isRight) throw new AccountError('wrongPassword', 'The password is not right.');
    await attempt.succeeded();
    await authSessions.proven(authSessionId);
  }

  /**
   * Asks for the password unless this session proved it lately: by signing in, or by giving it for something else. A
   * changed password has to be proved anew. Rejects with {@link AccountError} `passwordNeeded`, or as {@link require}.
   */
  async requireRecent(claim: PasswordClaim): Promise<void> {
    if (claim.password === undefined) {
      const { store, authSessions } = this.#options;
      const { userId, authSessionId } = claim.principal;
      if (await authSessions.isProven(authSessionId)) return;
      const account = await store.accounts.get(userId);
      if (account !== null && account.passwordHash !== null) {
        const detail = 'This needs your password. Nothing was done; send it again with `password`.';
        throw new AccountError('passwordNeeded', detail);
      }
    }
    await this.require(claim);
  }
}
