/** The password of an account, asked for by what a forgotten screen must not be enough for. */
import { Problem } from '../http/problem.ts';
import type { ApiContext } from './context.ts';
import type { SignedInPrincipal } from '../access/principal.ts';
import type { AskingRequest } from '../http/principal-of-request.ts';

type ProofContext = Pick<ApiContext, 'store' | 'services'>;

/**
 * Asks for the password each time. An account of a single sign-on alone has none: it proves itself by having signed
 * in lately.
 * Rejects with a {@link Problem} 403 `wrongPassword` or `signInAgain`, 429 `tooManyAttempts` or 503 `busy`.
 */
export async function requireOwnPassword(
  { store, services: { attempts, passwords, authSessions } }: ProofContext,
  request: AskingRequest,
  { userId, authSessionId }: SignedInPrincipal,
  password: string | undefined,
): Promise<void> {
  const account = await store.accounts.get(userId);
  if (account === null || account.passwordHash === null) {
    if (await authSessions.isProven(authSessionId)) return;
    const detail = 'You signed in too long ago for this. Nothing was done; sign in again first.';
    throw new Problem(403, 'signInAgain', 'Sign in again', detail);
  }
  const attempt = attempts.begin('ownPassword', { subject: userId, address: request.ip });
  const isRight = await passwords
    .verify(account.passwordHash, password ?? '')
    .catch((error: unknown) => {
      attempt.undone();
      throw error;
    });
  if (!isRight) {
    throw new Problem(403, 'wrongPassword', 'Wrong password', 'The password is not right.');
  }
  attempt.succeeded();
  await authSessions.proven(authSessionId);
}

/**
 * Asks for the password unless this session proved it lately: by signing in, or by giving it for something else. A
 * changed password has to be proved anew.
 * Rejects with a {@link Problem} 403 `passwordNeeded`, or as {@link requireOwnPassword}.
 */
export async function requireRecentProof(
  context: ProofContext,
  request: AskingRequest,
  principal: SignedInPrincipal,
  password: string | undefined,
): Promise<void> {
  if (password === undefined) {
    const { store, services } = context;
    if (await services.authSessions.isProven(principal.authSessionId)) return;
    const account = await store.accounts.get(principal.userId);
    if (account !== null && account.passwordHash !== null) {
      const detail = 'This needs your password. Nothing was done; send it again with `password`.';
      throw new Problem(403, 'passwordNeeded', 'Password needed', detail);
    }
  }
  await requireOwnPassword(context, request, principal, password);
}
