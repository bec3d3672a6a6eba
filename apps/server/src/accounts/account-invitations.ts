/** Use cases of invitations to an account, by which administrators admit people where sign-up is not open. */
import { randomId, type SignUpMode } from '@concord/protocol';
import type { InvitationRecord } from '../store/ports/account-store.ts';
import type { Store } from '../store/ports/store.ts';
import type { WriteThrough } from '../store/ports/write-through.ts';
import { AccountError } from './account-error.ts';
import { tokenHash } from './secrets.ts';

const INVITATION_MS = 7 * 24 * 60 * 60 * 1_000;

/** With the user name of who used it; the user id of an account that was deleted since, null while it is unused. */
export interface ListedInvitation extends InvitationRecord {
  readonly usedByName: string | null;
}

export interface AddedInvitation {
  readonly record: InvitationRecord;
  /** Returned only here: the store has its hash. */
  readonly token: string;
}

export class AccountInvitations {
  readonly #store: Pick<Store, 'invitations' | 'people'>;
  readonly #mode: SignUpMode;

  constructor(store: Pick<Store, 'invitations' | 'people'>, mode: SignUpMode) {
    this.#store = store;
    this.#mode = mode;
  }

  /** Newest first. */
  async list(): Promise<readonly ListedInvitation[]> {
    const records = await this.#store.invitations.list();
    const users = records.flatMap(({ usedBy }) => (usedBy === null ? [] : [usedBy]));
    const people = await this.#store.people.namesOf(users);
    return records.map((record) => ({
      ...record,
      usedByName: people.get(record.usedBy ?? '')?.userName ?? record.usedBy,
    }));
  }

  /**
   * Valid for one use within a week. Rejects with {@link AccountError} `adminsOnly`.
   * @param createdBy user id of the administrator
   */
  async create(
    createdBy: string,
    { label, isAdmin }: Pick<InvitationRecord, 'label' | 'isAdmin'>,
    through: WriteThrough<AddedInvitation>,
  ): Promise<AddedInvitation> {
    if (this.#mode === 'closed' && !isAdmin) {
      const detail = 'Sign-up is closed here: only administrators can be invited.';
      throw new AccountError('adminsOnly', detail);
    }
    const token = randomId();
    const now = Date.now();
    const record: InvitationRecord = {
      id: randomId(),
      tokenHash: tokenHash(token),
      label,
      isAdmin,
      createdBy,
      createdAt: now,
      expiresAt: now + INVITATION_MS,
      usedBy: null,
    };
    const added = { record, token };
    await this.#store.invitations.create(record, through(added));
    return added;
  }

  /** Revokes it. Rejects with {@link AccountError} `invitationNotFound`. */
  async remove(id: string, through: WriteThrough): Promise<void> {
    if (await this.#store.invitations.remove(id, through())) return;
    throw new AccountError('invitationNotFound', 'There is no such invitation.');
  }
}
