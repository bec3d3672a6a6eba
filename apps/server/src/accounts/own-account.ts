/** Use cases of the one who asks, guest or account: name, email address, password, and leaving for good. */
import type { DocumentId } from '@concord/protocol';
import type { Identified, SignedInPrincipal } from '../access/principal.ts';
import type { Attempts } from '../platform/attempts.ts';
import type { DomainEvents } from '../platform/domain-events.ts';
import type { AccountRecord } from '../store/ports/account-store.ts';
import type { LibraryPage } from '../store/ports/library-store.ts';
import type { Store } from '../store/ports/store.ts';
import type { Administration } from './administration.ts';
import { displayName } from './guest.ts';
import type { PasswordProofs } from './password-proof.ts';
import type { Passwords } from './passwords.ts';
import { takenError } from './sign-up.ts';

export interface OwnAccountsOptions {
  readonly store: Pick<Store, 'accounts' | 'library' | 'people'>;
  readonly events: Pick<DomainEvents, 'publish'>;
  readonly attempts: Attempts;
  readonly passwords: Passwords;
  readonly proofs: PasswordProofs;
  readonly administration: Administration;
}

export interface KnownPerson {
  readonly name: string;
  /** Null for a guest. */
  readonly account: AccountRecord | null;
}

export class OwnAccounts {
  readonly #options: OwnAccountsOptions;

  constructor(options: OwnAccountsOptions) {
    this.#options = options;
  }

  async of({ kind, userId }: Identified): Promise<KnownPerson> {
    const { store } = this.#options;
    const [account, name] = await Promise.all([
      kind === 'guest' ? null : store.accounts.get(userId),
      displayName(store, userId),
    ]);
    return { account, name };
  }

  /** The sessions of the person's documents are told. */
  async rename(userId: string, name: string): Promise<void> {
    await this.#options.store.people.setName(userId, name);
    await this.#options.events.publish({ type: 'personRenamed', userId, name });
  }

  /**
   * Rejects with AccountError `emailTaken`, or TooManyAttemptsError: it tells which addresses are taken, as sign-up does.
   * @param address of the request
   */
  async changeEmail(userId: string, address: string, email: string | null): Promise<void> {
    const { attempts, administration } = this.#options;
    if (email !== null) await attempts.begin('signUp', { address });
    await administration.change(userId, { email }).catch((error: unknown) => {
      throw takenError(error);
    });
  }

  /** Ends all other sessions and all API tokens. Rejects as `PasswordProofs.require`. */
  async changePassword(
    principal: SignedInPrincipal,
    address: string,
    { current, next }: { readonly current?: string | undefined; readonly next: string },
  ): Promise<void> {
    const { proofs, passwords, administration } = this.#options;
    await proofs.require({ principal, address, password: current });
    const passwordHash = await passwords.hash(next);
    await administration.change(principal.userId, { passwordHash }, principal.authSessionId);
  }

  /**
   * With its sessions, its API tokens, and every document that no other person owns. Rejects as
   * `PasswordProofs.require`, or with AccountError `lastAdmin`.
   */
  async remove(
    principal: SignedInPrincipal,
    address: string,
    password: string | undefined,
  ): Promise<void> {
    const { proofs, administration, events } = this.#options;
    const { userId } = principal;
    await proofs.require({ principal, address, password });
    const owned = await this.#documentsOwnedBy(userId);
    await administration.remove(userId);
    // Some went with the account, others have one owner less.
    const changed = owned.map((documentId) =>
      events.publish({ type: 'accessChanged', documentId }),
    );
    await Promise.all(changed);
  }

  /** Not those in the trash: no other person has them open. */
  async #documentsOwnedBy(userId: string): Promise<readonly DocumentId[]> {
    const { library } = this.#options.store;
    const owned: DocumentId[] = [];
    let cursor: string | null = null;
    do {
      const page: LibraryPage = await library.list({
        userId,
        view: 'all',
        folder: null,
        search: null,
        limit: 100,
        cursor,
        now: Date.now(),
      });
      for (const { id, role } of page.entries) if (role === 'owner') owned.push(id);
      cursor = page.nextCursor;
    } while (cursor !== null);
    return owned;
  }
}
