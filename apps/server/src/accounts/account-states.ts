/**
 * Whether an account, a session or an API token is good still, asked with every request. Answers are kept for
 * {@link ACCESS_CHECK_MS}, the most a change can be late whose notification was lost; a change made by this
 * process is heard at once.
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

  /** From now on, what events say has changed is asked for again. */
  subscribeTo(events: Pick<DomainEvents, 'subscribe'>): void {
    events.subscribe('accountChanged', ({ userId }) => this.changed(userId));
    events.subscribe('sessionEnded', ({ authSessionId }) => this.sessionEnded(authSessionId));
    events.subscribe('sessionsEnded', ({ userId }) => this.changed(userId));
    events.subscribe('apiTokenDeleted', ({ userId }) => this.changed(userId));
  }

  /** Null for none, and for one that is disabled. */
  async accountInUse(userId: string): Promise<AccountRecord | null> {
    const account = await this.#accounts.get(userId);
    return account === null || account.disabledAt !== null ? null : account;
  }

  /** Whether the user id is of an account, disabled or deleted ones too: no guest is that person any more. */
  isTaken(userId: string): Promise<boolean> {
    return this.#taken.get(userId);
  }

  isSessionAlive(authSessionId: string): Promise<boolean> {
    return this.#sessions.get(authSessionId);
  }

  /** Null when its account is disabled or gone; expiry is the caller's to check. */
  apiTokenOfHash(hash: string): Promise<ApiTokenRecord | null> {
    return this.#tokens.get(hash);
  }

  sessionEnded(authSessionId: string): void {
    this.#sessions.invalidate(authSessionId);
  }

  /** Made, changed, disabled or deleted; or many of its sessions or tokens ended. */
  changed(userId: string): void {
    this.#accounts.invalidate(userId);
    this.#taken.invalidate(userId);
    // Which sessions and tokens were its own is not known here; such changes are rare.
    this.#sessions.invalidateAll();
    this.#tokens.invalidateAll();
  }
}
