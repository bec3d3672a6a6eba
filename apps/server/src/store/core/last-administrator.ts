/** An installation that has an administrator keeps one. Pure, so that every store decides alike, within its write. */
import type { AccountRecord } from '../ports/account-store.ts';

export const administers = ({ isAdmin, disabledAt }: AccountRecord): boolean =>
  isAdmin && disabledAt === null;

/**
 * Whether no account would administer after a change, and one did: the write is refused then (LastAdministratorError).
 * @param after null for an account that is removed
 * @param administrators how many accounts administer before the change
 */
export function endsAdministration(
  before: AccountRecord,
  after: AccountRecord | null,
  administrators: number,
): boolean {
  return administers(before) && (after === null || !administers(after)) && administrators <= 1;
}
