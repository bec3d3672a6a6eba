/** Signing in with a password. */
import type { Attempts } from '../platform/attempts.ts';
import type { Store } from '../store/ports/store.ts';
import { AccountError } from './account-error.ts';
import type { AuthSessions, SignInPlace, StartedSession } from './auth-sessions.ts';
import type { Passwords } from './passwords.ts';

export interface SignInsOptions {
  readonly store: Pick<Store, 'accounts'>;
  readonly attempts: Attempts;
  readonly passwords: Passwords;
  readonly authSessions: AuthSessions;
}

export interface SignIn {
  /** User name or email address. */
  readonly login: string;
  readonly password: string;
  readonly place: SignInPlace;
  /** The device that the request proves to be, to the account it was known to (known-devices.ts). */
  readonly deviceOf: (userId: string | null) => string | null;
  /** The refresh token that the browser had: it keeps one, and who was signed in there before is no more. */
  readonly formerToken: string | null;
}

export interface SignedInBy {
  readonly userId: string;
  readonly device: string | null;
  readonly session: StartedSession;
}

export class SignIns {
  readonly #options: SignInsOptions;

  constructor(options: SignInsOptions) {
    this.#options = options;
  }

  /**
   * Rejects with {@link AccountError} `wrongLogin`: the same for a login that is unknown, disabled, mistyped or of a
   * single sign-on (docs/security.md#passwords); with `passwordsBusy`, or with TooManyAttemptsError.
   */
  async signIn({ login, password, place, deviceOf, formerToken }: SignIn): Promise<SignedInBy> {
    const { store, attempts, passwords, authSessions } = this.#options;
    const subject = login.toLowerCase();
    const account = await store.accounts.ofLogin(subject);
    const device = deviceOf(account?.userId ?? null);
    const attempt = await attempts.begin('signIn', { subject, address: place.address, device });
    const isRight = await passwords
      .verify(account?.passwordHash ?? null, password)
      .catch(async (error: unknown) => {
        await attempt.undone();
        throw error;
      });
    if (!isRight || account === null || account.disabledAt !== null) throw wrongLogin();
    await attempt.succeeded();
    const { userId } = account;
    const session = await authSessions.start(userId, place);
    if (formerToken !== null) await authSessions.endByToken(formerToken);
    return { userId, device, session };
  }
}

function wrongLogin(): AccountError {
  const detail = 'The user name, the email address or the password is not right.';
  return new AccountError('wrongLogin', detail);
}
