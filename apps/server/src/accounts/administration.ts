/** Changes of accounts, by administrators and by their owners. An installation never loses its last administrator. */
import type { DomainEvents } from '../platform/domain-events.ts';
import { AccountError } from './account-error.ts';
import type { AccountChange } from '../store/ports/account-store.ts';
import type { Store } from '../store/ports/store.ts';
import type { AuthSessions } from './auth-sessions.ts';

export interface AdministrationOptions {
  readonly store: Pick<Store, 'accounts'>;
  readonly events: DomainEvents;
  readonly authSessions: AuthSessions;
}

export class Administration {
  readonly #options: AdministrationOptions;
  /** One after the other: two administrators who demote each other must not both succeed. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: AdministrationOptions) {
    this.#options = options;
  }

  /**
   * Changes an account. Disabling it, and a new password, end its sessions and connections at once; a new
   * password ends its API tokens too.
   * Rejects with an {@link AccountError} `lastAdmin` or `accountNotFound`, or DuplicateAccountError.
   * @param exceptSessionId the session that goes on: of the one who changes the own password
   */
  async change(
    userId: string,
    change: AccountChange,
    exceptSessionId: string | null = null,
  ): Promise<void> {
    const { store, events, authSessions } = this.#options;
    const endsAdministering = change.isAdmin === false || typeof change.disabledAt === 'number';
    await this.#inTurn(async () => {
      await this.#requireAccount(userId, endsAdministering);
      await store.accounts.change(userId, change);
    });
    await events.publish({ type: 'accountChanged', userId });
    if (typeof change.disabledAt === 'number' || change.passwordHash !== undefined) {
      await authSessions.endAllOf(userId, exceptSessionId);
    }
  }

  /** Deletes an account, and the documents only it owned. Rejects as {@link change} does. */
  async remove(userId: string): Promise<void> {
    const { store, events, authSessions } = this.#options;
    await this.#inTurn(async () => {
      await this.#requireAccount(userId, true);
      await store.accounts.remove(userId);
    });
    await events.publish({ type: 'accountChanged', userId });
    await authSessions.endAllOf(userId, null);
  }

  async #requireAccount(userId: string, endsAdministering: boolean): Promise<void> {
    const { accounts } = this.#options.store;
    const account = await accounts.get(userId);
    if (account === null) {
      throw new AccountError('accountNotFound', 'There is no such account.');
    }
    const isAdministering = account.isAdmin && account.disabledAt === null;
    if (endsAdministering && isAdministering && (await accounts.adminCount()) <= 1) {
      const detail = 'This is the only administrator: make another account one first.';
      throw new AccountError('lastAdmin', detail);
    }
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }
}
