/** Who is connected, by what they proved: at the handshake, by a renewed access token, and as long as the proof lives. */
import { CONNECTIONS_PER_USER, type DocumentId } from '@concord/protocol';
import {
  askerOf,
  AuthenticationError,
  type Credentials,
  type Principal,
} from '../access/principal.ts';
import { expiryOf, proofOf, type Visitor } from '../http/visitor.ts';
import type { Gateway } from './gateway.ts';
import { storeRefusal } from './store-refusal.ts';

export class Visitors {
  readonly #gateway: Gateway;
  /** By session. */
  readonly #visitors = new Map<number, Visitor>();

  constructor(gateway: Gateway) {
    this.#gateway = gateway;
    const { events } = gateway;
    events.subscribe('sessionEnded', ({ authSessionId }) => this.#ended(authSessionId));
    events.subscribe('apiTokenDeleted', ({ tokenId }) => this.#ended(tokenId));
    events.subscribe('sessionsEnded', ({ userId, exceptSessionId }) =>
      this.#endedAllOf(userId, exceptSessionId),
    );
    events.subscribe('eventsMissed', () => this.endWithoutProof());
  }

  /** Undefined when the session proved nothing, or is over. */
  of(session: number): Visitor | undefined {
    return this.#visitors.get(session);
  }

  /** By what the handshake proves; without a proof the session is refused before any document is read. */
  async identify(session: number, documentId: DocumentId, credentials: Credentials): Promise<void> {
    const principal = await this.#proved(session, credentials);
    if (principal === null || !this.#gateway.isConnected(session)) return;
    if (principal.kind === 'nobody') {
      const detail = 'Open the page first, or send a guest token of at least 20 characters.';
      return this.#gateway.refuse(session, { code: 'forbidden', detail });
    }
    if (askerOf(principal).atMost === 'none') {
      const detail =
        'This API token opens no documents: it needs the scope “documents:read” or more.';
      return this.#gateway.refuse(session, { code: 'forbidden', detail });
    }
    const { userId } = principal;
    const { connections } = this.#gateway.limitState;
    if (!(await connections.take(countedAs(userId), CONNECTIONS_PER_USER))) {
      const detail = `You have ${CONNECTIONS_PER_USER} documents open. Close some; it is tried again by itself.`;
      return this.#gateway.refuse(session, { code: 'tooManySessions', detail, retryable: true });
    }
    // It may be over since.
    if (!this.#gateway.isConnected(session)) return connections.release(countedAs(userId));
    this.#visitors.set(session, { userId, documentId, principal });
  }

  /** A new access token of the same account; anything else ends the connection. */
  async renew(session: number, token: string): Promise<void> {
    const visitor = this.of(session);
    if (visitor === undefined) return;
    const credentials = { token, guestToken: null, cookie: null };
    const principal = await this.#proved(session, credentials);
    if (principal === null) return this.left(session, visitor.documentId);
    // Never an API token: the connection has the rights, and the end, of the proof that it came by.
    if (
      principal.kind !== 'account' ||
      visitor.principal.kind !== 'account' ||
      principal.userId !== visitor.userId
    ) {
      this.left(session, visitor.documentId);
      const detail = 'This is no access token of this account.';
      return this.#gateway.refuse(session, { code: 'signedOut', detail });
    }
    if (this.of(session) === undefined) return;
    this.#visitors.set(session, { ...visitor, principal });
    const authorizedUntil = expiryOf(principal);
    const document = this.#gateway.documents.running(visitor.documentId);
    document?.dispatch({ type: 'renewed', session, authorizedUntil });
  }

  /** The session is over for its document as well. */
  left(session: number, documentId: DocumentId): void {
    this.forget(session);
    this.#gateway.documents.running(documentId)?.dispatch({ type: 'left', session });
  }

  forget(session: number): void {
    const visitor = this.of(session);
    if (visitor === undefined) return;
    this.#visitors.delete(session);
    void this.#gateway.limitState.connections.release(countedAs(visitor.userId));
  }

  #ended(id: string): void {
    for (const [session, { principal }] of this.#visitors) {
      if (proofOf(principal) === id) this.#signOut(session);
    }
  }

  #endedAllOf(userId: string, exceptId: string | null): void {
    for (const [session, visitor] of this.#visitors) {
      if (visitor.userId !== userId) continue;
      if (exceptId === null || proofOf(visitor.principal) !== exceptId) this.#signOut(session);
    }
  }

  /** A notification may be lost: the store is asked periodically which sessions and tokens are alive. */
  async endWithoutProof(): Promise<void> {
    const { authSessions, apiTokens } = this.#gateway.store;
    const sessions = new Set<string>();
    const tokens = new Set<string>();
    for (const { principal } of this.#visitors.values()) {
      if (principal.kind === 'account') sessions.add(principal.authSessionId);
      if (principal.kind === 'apiToken') tokens.add(principal.tokenId);
    }
    try {
      const [aliveSessions, aliveTokens] = await Promise.all([
        sessions.size === 0 ? sessions : authSessions.alive([...sessions]),
        tokens.size === 0 ? tokens : apiTokens.alive([...tokens], Date.now()),
      ]);
      for (const id of sessions) if (!aliveSessions.has(id)) this.#ended(id);
      for (const id of tokens) if (!aliveTokens.has(id)) this.#ended(id);
    } catch (error) {
      this.#gateway.log.error({ err: error }, 'looking for ended sessions failed');
    }
  }

  #signOut(session: number): void {
    const visitor = this.of(session);
    if (visitor === undefined) return;
    this.left(session, visitor.documentId);
    if (visitor.principal.kind === 'guest') {
      // The guest has an account now: the same person connects again, by another proof.
      const detail = 'This guest has an account now; the connection is made again by itself.';
      return this.#gateway.refuse(session, { code: 'tokenExpired', detail, retryable: true });
    }
    const detail = 'This session was ended. Sign in again; your text stays on this device.';
    this.#gateway.refuse(session, { code: 'signedOut', detail });
  }

  /** Null when the proof is not good; the session was told. */
  async #proved(session: number, credentials: Credentials): Promise<Principal | null> {
    try {
      return await this.#gateway.authenticator.principalOf(credentials);
    } catch (error) {
      if (error instanceof AuthenticationError) {
        const retryable = error.code === 'expired';
        const code = retryable ? 'tokenExpired' : 'signedOut';
        this.#gateway.refuse(session, { code, detail: error.message, retryable });
      } else {
        this.#gateway.fewLines.error({ err: error }, 'authentication failed');
        const detail = 'Who you are cannot be looked up now. It is tried again by itself.';
        this.#gateway.refuse(session, storeRefusal(error, detail));
      }
      return null;
    }
  }
}

const countedAs = (userId: string): string => `person ${userId}`;
