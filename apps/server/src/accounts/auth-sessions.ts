/**
 * Auth sessions: the places where an account is signed in. Carries out what refresh.ts decides; whatever ends
 * a session ends its connections at once, and makes its access tokens worthless.
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

/** A session that nobody uses this long is over; every use begins it anew. */
export const SESSION_MS = 30 * 24 * 60 * 60 * 1_000;
/** After a proof of the password, what needs one is done without asking again (“sudo mode”). */
export const PROOF_MS = 10 * 60 * 1_000;
/** Browsers say less; what is longer is somebody's joke. */
const USER_AGENT_CHARACTERS = 300;
/** Each try again means that another refresh of the same session was faster. */
const ROTATION_TRIES = 4;

/** From where somebody signs in: shown in the list of one's sessions. */
export interface SignInPlace {
  readonly userAgent: string;
  readonly address: string;
}

export interface StartedSession {
  readonly refreshToken: string;
  /** Of the refresh token; milliseconds since 1970. */
  readonly refreshExpiresAt: number;
  /** For the cookie by which the browser itself reads documents. */
  readonly readToken: string;
  readonly signedIn: SignedIn;
}

/** `signedOut`: there is no such session (any more). `reused`: now there is none; the token was a copy. */
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
  /** Make the successors of refresh tokens, and tell those that were issued. */
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

  /** Signs the account in at this place. */
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
   * Exchanges a refresh token. Rejects with {@link RefreshError}; reuse has ended the session by then.
   * @param attempt chosen by the client, the same until it gets an answer
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

  /** The token to give again, or null when there is to be a new one. Rejects where there is to be none. */
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
        // Refused, not deleted: only the clock says so, and it may be wrong (store/retention-time.ts).
        throw new RefreshError('signedOut');
      case 'reuse':
        await this.end(session.id);
        throw new RefreshError('reused');
    }
  }

  /**
   * The token in use, which was made of this one by the key that signed then. Another server may have made it by a key
   * that is not known here yet.
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

  /** Its account may be disabled. */
  async #isAlive(id: string): Promise<boolean> {
    return (await this.#options.store.authSessions.alive([id])).has(id);
  }

  /** Ends the session that a refresh token is of, if it is one that was given out. Null when it is not. */
  async endByToken(token: string): Promise<string | null> {
    const id = sessionIdOf(token);
    const session = id === null ? null : await this.#options.store.authSessions.get(id);
    if (session === null) return null;
    const hash = tokenHash(token);
    if (hash !== session.tokenHash && hash !== session.formerTokenHash) return null;
    await this.end(session.id);
    return session.id;
  }

  /** Whether the password was asked for lately here, and has not been changed since. */
  async isProven(id: string): Promise<boolean> {
    const session = await this.#options.store.authSessions.get(id);
    return session !== null && this.#now() - session.provenAt <= PROOF_MS;
  }

  /** The password was asked for here, and was right. */
  proven(id: string): Promise<void> {
    return this.#options.store.authSessions.proven(id, this.#now());
  }

  async end(id: string): Promise<void> {
    await this.#options.store.authSessions.end(id);
    await this.#options.events.publish({ type: 'sessionEnded', authSessionId: id });
  }

  /** Ends one of this person's own sessions; false when they have no such session. */
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
