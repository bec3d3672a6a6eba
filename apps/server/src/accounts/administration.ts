/** Changes of accounts, by administrators and by their owners. The store keeps the last administrator. */
import { guestName } from '../access/guest-names.ts';
import type { DomainEvents } from '../platform/domain-events.ts';
import { AccountError } from './account-error.ts';
import {
  LastAdministratorError,
  type AccountChange,
  type AccountRecord,
} from '../store/ports/account-store.ts';
import type { Store } from '../store/ports/store.ts';
import type { AuthSessions } from './auth-sessions.ts';
import type { Passwords } from './passwords.ts';

export interface AdministrationOptions {
  readonly store: Pick<Store, 'accounts' | 'people'>;
  readonly events: DomainEvents;
  readonly authSessions: AuthSessions;
  readonly passwords: Passwords;
}

/** With the display name of the person. */
export interface NamedAccount extends AccountRecord {
  readonly name: string;
}

/** A change by an administrator; absent fields stay unchanged. */
export interface AdministeredChange {
  readonly isAdmin?: boolean | undefined;
  readonly isDisabled?: boolean | undefined;
  readonly password?: string | undefined;
}

export class Administration {
  readonly #options: AdministrationOptions;

  constructor(options: AdministrationOptions) {
    this.#options = options;
  }

  /**
   * Changes an account. Disabling it, and a new password, end its sessions and connections at once; a new
   * password ends its API tokens too.
   * Rejects with an {@link AccountError} `lastAdmin` or `accountNotFound`, or DuplicateAccountError.
   * @param exceptSessionId the session that is kept: of a person who changes their own password
   */
  async change(
    userId: string,
    change: AccountChange,
    exceptSessionId: string | null = null,
  ): Promise<void> {
    const { store, events, authSessions } = this.#options;
    await this.#requireAccount(userId);
    await store.accounts.change(userId, change).catch(refuseLastAdministrator);
    await events.publish({ type: 'accountChanged', userId });
    if (typeof change.disabledAt === 'number' || change.passwordHash !== undefined) {
      await authSessions.endAllOf(userId, exceptSessionId);
    }
  }

  /** By user name, after `cursor`; with the cursor of the next page, null for the last. */
  async list(
    cursor: string,
    limit: number,
  ): Promise<{ readonly accounts: readonly NamedAccount[]; readonly nextCursor: string | null }> {
    const found = await this.#options.store.accounts.list(cursor, limit + 1);
    const accounts = await this.#named(found.slice(0, limit));
    const hasMore = found.length > limit;
    return { accounts, nextCursor: hasMore ? (accounts.at(-1)?.userName ?? null) : null };
  }

  /** {@link change}, by an administrator, whose own session is kept. */
  async administer(
    userId: string,
    { isAdmin, isDisabled, password }: AdministeredChange,
    exceptSessionId: string,
  ): Promise<NamedAccount> {
    const { store, passwords } = this.#options;
    const account = await store.accounts.get(userId);
    if (account === null) throw accountNotFound();
    const change: AccountChange = {
      ...(isAdmin !== undefined && { isAdmin }),
      ...(isDisabled !== undefined && {
        disabledAt: isDisabled ? (account.disabledAt ?? Date.now()) : null,
      }),
      ...(password !== undefined && { passwordHash: await passwords.hash(password) }),
    };
    await this.change(userId, change, exceptSessionId);
    const [changed] = await this.#named([{ ...account, ...change }]);
    if (changed === undefined) throw accountNotFound();
    return changed;
  }

  /** Deletes an account, and the documents only it owned. Rejects as {@link change} does. */
  async remove(userId: string): Promise<void> {
    const { store, events, authSessions } = this.#options;
    await this.#requireAccount(userId);
    await store.accounts.remove(userId).catch(refuseLastAdministrator);
    await events.publish({ type: 'accountChanged', userId });
    await authSessions.endAllOf(userId, null);
  }

  async #requireAccount(userId: string): Promise<void> {
    if ((await this.#options.store.accounts.get(userId)) === null) throw accountNotFound();
  }

  async #named(records: readonly AccountRecord[]): Promise<NamedAccount[]> {
    const people = await this.#options.store.people.namesOf(records.map(({ userId }) => userId));
    return records.map((record) => ({
      ...record,
      name: people.get(record.userId)?.name ?? guestName(record.userId),
    }));
  }
}

function refuseLastAdministrator(error: unknown): never {
  if (!(error instanceof LastAdministratorError)) throw error;
  const detail = 'This is the only administrator: make another account one first.';
  throw new AccountError('lastAdmin', detail);
}

function accountNotFound(): AccountError {
  return new AccountError('accountNotFound', 'There is no such account.');
}
