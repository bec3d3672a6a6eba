/**
 * TTL cache of the validity of accounts, sessions and API tokens, which each request checks. Events of changes
 * invalidate it at once, whichever node made them; the TTL, {@link ACCESS_CHECK_MS}, bounds staleness when an invalidation is lost.
 */
import { ACCESS_CHECK_MS } from '@concord/protocol';
import type { AccountRecord, ApiTokenRecord } from '../store/ports/account-store.ts';
import type { Store } from '../store/ports/store.ts';
import type { DomainEvents } from '../platform/domain-events.ts';
import { TtlCache } from '../platform/ttl-cache.ts';

export class AccountStates {
  readonly #accounts: TtlCache<AccountRecord | null>;
  readonly #taken: TtlCache<boolean>;
  readonly #sessions: TtlCache<boolean>;
  readonly #tokens: TtlCache<ApiTokenRecord | null>;

  constructor(
    store: Pick<Store, 'accounts' | 'authSessions' | 'apiTokens'>,
    now: () => number = Date.now,
  ) {
    const { accounts, authSessions, apiTokens } = store;
    this.#accounts = new TtlCache((id) => accounts.get(id), ACCESS_CHECK_MS, now);
    this.#taken = new TtlCache((id) => accounts.isTaken(id), ACCESS_CHECK_MS, now);
    this.#sessions = new TtlCache(
      async (id) => (await authSessions.alive([id])).has(id),
      ACCESS_CHECK_MS,
      now,
    );
    this.#tokens = new TtlCache((hash) => apiTokens.ofHash(hash), ACCESS_CHECK_MS, now);
  }

  /** Subscribes to the events that invalidate cached answers. */
  subscribeTo(events: Pick<DomainEvents, 'subscribe'>): void {
    events.subscribe('accountChanged', ({ userId }) => this.changed(userId));
    events.subscribe('sessionEnded', ({ authSessionId }) => this.sessionEnded(authSessionId));
    events.subscribe('sessionsEnded', ({ userId }) => this.changed(userId));
    events.subscribe('apiTokenDeleted', ({ userId }) => this.changed(userId));
    events.subscribe('eventsMissed', () => this.#anythingChanged());
  }

  /** Null when the account does not exist or is disabled. */
  async accountInUse(userId: string): Promise<AccountRecord | null> {
    const account = await this.#accounts.get(userId);
    return account === null || account.disabledAt !== null ? null : account;
  }

  /** Whether the user id is that of an account, even a disabled or deleted one: a guest can no longer use it. */
  isTaken(userId: string): Promise<boolean> {
    return this.#taken.get(userId);
  }

  isSessionAlive(authSessionId: string): Promise<boolean> {
    return this.#sessions.get(authSessionId);
  }

  /** Null when its account is disabled or deleted; the caller checks expiry. */
  apiTokenOfHash(hash: string): Promise<ApiTokenRecord | null> {
    return this.#tokens.get(hash);
  }

  sessionEnded(authSessionId: string): void {
    this.#sessions.invalidate(authSessionId);
  }

  /** Invalidates what is cached of an account and of its sessions and tokens. */
  changed(userId: string): void {
    this.#accounts.invalidate(userId);
    this.#taken.invalidate(userId);
    // The cache does not index sessions and tokens by account; such changes are rare.
    this.#sessions.invalidateAll();
    this.#tokens.invalidateAll();
  }

  #anythingChanged(): void {
    for (const cache of [this.#accounts, this.#taken, this.#sessions, this.#tokens]) {
      cache.invalidateAll();
    }
  }
}
