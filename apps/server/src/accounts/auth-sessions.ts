/**
 * Auth sessions: the sign-ins of an account. Carries out the decisions of refresh.ts. Ending a session closes its
 * connections and invalidates its access tokens at once.
 */
import { randomId, type SignedIn } from '@concord/protocol';
import type { DomainEvents } from '../platform/domain-events.ts';
import type { AuthSessionRecord } from '../store/ports/account-store.ts';
import type { Store } from '../store/ports/store.ts';
import type { AccessTokens } from './access-tokens.ts';
import {
  attemptHash,
  decideRefresh,
  firstToken,
  isIssued,
  sessionIdOf,
  successorOf,
  type RefreshDecision,
} from './refresh.ts';
import { randomSecret, tokenHash } from './secrets.ts';
import type { KeyRing } from './signing-keys.ts';

/** Sliding expiry: a session ends after this long without use. */
export const SESSION_MS = 30 * 24 * 60 * 60 * 1_000;
/** After the password was entered, actions that require it do not ask for it again for this long (“sudo mode”). */
export const PROOF_MS = 10 * 60 * 1_000;
/** Longer than the User-Agent of any browser; the rest is cut off. */
const USER_AGENT_CHARACTERS = 300;
/** Attempts at the compare-and-set; each failure means that a concurrent refresh of the session won. */
const ROTATION_TRIES = 4;

/** Address and browser of a sign-in, as shown in the account's list of sessions. */
export interface SignInPlace {
  readonly userAgent: string;
  readonly address: string;
}

export interface StartedSession {
  readonly refreshToken: string;
  /** Expiry of the refresh token; milliseconds since 1970. */
  readonly refreshExpiresAt: number;
  /** For the cookie by which the browser itself reads documents. */
  readonly readToken: string;
  readonly signedIn: SignedIn;
}

/** `signedOut`: the session does not exist (any more). `reused`: a rotated token came again; the session was ended. */
export class RefreshError extends Error {
  readonly code: 'signedOut' | 'reused';
  constructor(code: RefreshError['code']) {
    super(
      code === 'signedOut' ? 'The session was ended.' : 'A refresh token was used a second time.',
    );
    this.code = code;
  }
}

export interface AuthSessionsOptions {
  readonly store: Pick<Store, 'authSessions'>;
  readonly accessTokens: AccessTokens;
  readonly events: DomainEvents;
  /** Derive the successors of refresh tokens, and recognise tokens that were issued. */
  readonly refreshKeys: KeyRing;
  readonly now?: () => number;
}

export class AuthSessions {
  readonly #options: AuthSessionsOptions;
  readonly #now: () => number;

  constructor(options: AuthSessionsOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** Starts a session of the account. */
  async start(userId: string, place: SignInPlace): Promise<StartedSession> {
    const id = randomId();
    const token = firstToken(id, randomSecret(), this.#options.refreshKeys.current().value);
    const now = this.#now();
    const session: AuthSessionRecord = {
      id,
      userId,
      tokenHash: tokenHash(token),
      formerTokenHash: null,
      attemptHash: null,
      rotatedAt: now,
      createdAt: now,
      lastUsedAt: now,
      expiresAt: now + SESSION_MS,
      provenAt: now,
      ...shortened(place),
    };
    await this.#options.store.authSessions.create(session);
    return this.#started(session, token, session.expiresAt);
  }

  /**
   * Exchanges a refresh token. Rejects with {@link RefreshError}; after reuse the session has been ended.
   * @param attempt idempotency id chosen by the client, the same until it gets an answer
   */
  async refresh(token: string, attempt: string, place: SignInPlace): Promise<StartedSession> {
    const { store, refreshKeys } = this.#options;
    const { authSessions } = store;
    const id = sessionIdOf(token);
    if (id === null) throw new RefreshError('signedOut');
    const presented = {
      tokenHash: tokenHash(token),
      attemptHash: attemptHash(attempt),
      isIssued: refreshKeys.all().some(({ value }) => isIssued(token, value)),
    };
    for (let tries = 0; tries < ROTATION_TRIES; tries += 1) {
      const session = await authSessions.get(id);
      if (session === null || !(await this.#isAlive(id))) throw new RefreshError('signedOut');
      const now = this.#now();
      const decision = decideRefresh(session, presented, now);
      const successor = await this.#carryOut(decision, session, token);
      if (successor !== null) return this.#started(session, successor, session.expiresAt);
      const toToken = successorOf(token, refreshKeys.current().value);
      const expiresAt = now + SESSION_MS;
      const isRotated = await authSessions.rotate(id, {
        fromHash: presented.tokenHash,
        toHash: tokenHash(toToken),
        attemptHash: presented.attemptHash,
        at: now,
        expiresAt,
        ...shortened(place),
      });
      if (isRotated) return this.#started(session, toToken, expiresAt);
    }
    throw new RefreshError('signedOut');
  }

  /** The token to return again, or null when a new one is to be issued. Rejects when neither may be. */
  async #carryOut(
    decision: RefreshDecision,
    session: AuthSessionRecord,
    token: string,
  ): Promise<string | null> {
    switch (decision) {
      case 'rotate':
        return null;
      case 'repeatInUse':
        return token;
      case 'repeatFormer':
        return this.#givenSuccessor(session, token);
      case 'unknown':
        throw new RefreshError('signedOut');
      case 'expired':
        // Refused, not deleted: the expiry depends on the clock, which may be wrong (store/retention-time.ts).
        throw new RefreshError('signedOut');
      case 'reuse':
        await this.end(session.id);
        throw new RefreshError('reused');
    }
  }

  /**
   * The token in use, derived from this one by the key that signed then. Another server may have used a key that this
   * one has not loaded yet.
   */
  async #givenSuccessor({ tokenHash: inUse }: AuthSessionRecord, token: string): Promise<string> {
    const { refreshKeys } = this.#options;
    const given = (): string | undefined =>
      refreshKeys
        .all()
        .map(({ value }) => successorOf(token, value))
        .find((successor) => tokenHash(successor) === inUse);
    const known = given();
    if (known !== undefined) return known;
    await refreshKeys.look();
    const successor = given();
    if (successor === undefined) throw new RefreshError('signedOut');
    return successor;
  }

  /** False also when its account is disabled. */
  async #isAlive(id: string): Promise<boolean> {
    return (await this.#options.store.authSessions.alive([id])).has(id);
  }

  /** Ends the session of a refresh token. Null when the session never had this token. */
  async endByToken(token: string): Promise<string | null> {
    const id = sessionIdOf(token);
    const session = id === null ? null : await this.#options.store.authSessions.get(id);
    if (session === null) return null;
    const hash = tokenHash(token);
    if (hash !== session.tokenHash && hash !== session.formerTokenHash) return null;
    await this.end(session.id);
    return session.id;
  }

  /** Whether the password was entered in this session recently, and has not been changed since. */
  async isProven(id: string): Promise<boolean> {
    const session = await this.#options.store.authSessions.get(id);
    return session !== null && this.#now() - session.provenAt <= PROOF_MS;
  }

  /** Records that the right password was entered in this session. */
  proven(id: string): Promise<void> {
    return this.#options.store.authSessions.proven(id, this.#now());
  }

  async end(id: string): Promise<void> {
    await this.#options.store.authSessions.end(id);
    await this.#options.events.publish({ type: 'sessionEnded', authSessionId: id });
  }

  /** Ends a session of this account; false when the account has no such session. */
  async endOf(userId: string, id: string): Promise<boolean> {
    const session = await this.#options.store.authSessions.get(id);
    if (session?.userId !== userId) return false;
    await this.end(id);
    return true;
  }

  /** Ends all but one. */
  async endAllOf(userId: string, exceptId: string | null): Promise<void> {
    await this.#options.store.authSessions.endAllOf(userId, exceptId);
    const { events } = this.#options;
    await events.publish({ type: 'sessionsEnded', userId, exceptSessionId: exceptId });
  }

  /** Newest use first. */
  async listOf(userId: string): Promise<readonly AuthSessionRecord[]> {
    const now = this.#now();
    const sessions = await this.#options.store.authSessions.listOf(userId);
    return sessions.filter(({ expiresAt }) => expiresAt > now);
  }

  async #started(
    { id, userId }: AuthSessionRecord,
    refreshToken: string,
    refreshExpiresAt: number,
  ): Promise<StartedSession> {
    const { accessTokens } = this.#options;
    const [{ token, expiresAt, livesMs }, read] = await Promise.all([
      accessTokens.issue(userId, id),
      accessTokens.issueRead(userId, id),
    ]);
    return {
      refreshToken,
      refreshExpiresAt,
      readToken: read.token,
      signedIn: { accessToken: token, expiresAt, livesMs, sessionId: id, userId },
    };
  }
}

function shortened({ userAgent, address }: SignInPlace): SignInPlace {
  return { userAgent: userAgent.slice(0, USER_AGENT_CHARACTERS), address };
}
