/** The account of a person who signed on through the provider: found by the provider's subject, or created. */
import { emailSchema, randomId, userNameSchema } from '@concord/protocol';
import { DuplicateAccountError, type AccountRecord } from '../store/ports/account-store.ts';
import type { Store } from '../store/ports/store.ts';
import type { NewAccount, SignUps } from './sign-up.ts';
import type { SignOnClaims } from './single-sign-on.ts';

export interface SignOnGuest {
  /** User id of the browser's guest, which the new account takes over. */
  readonly guestId: string | null;
  readonly invitation: string | null;
}

export interface SignOnAccount {
  readonly account: AccountRecord;
  readonly isNew: boolean;
}

const USER_NAME_CHARACTERS = 39;
/** Attempts at a free user name; a random suffix makes a collision very unlikely. */
const TRIES = 20;

/**
 * Never links an existing account by email address: a provider that lets people choose an address would let them take
 * over the account of another. Rejects as `SignUps` does where sign-up is not open.
 */
export async function accountOfSignOn(
  { accounts }: Pick<Store, 'accounts'>,
  signUps: SignUps,
  claims: SignOnClaims,
  { guestId, invitation }: SignOnGuest,
): Promise<SignOnAccount> {
  const { subject } = claims;
  const known = await accounts.ofSubject(subject);
  if (known !== null) return { account: known, isNew: false };
  const admitted = await signUps.admit(invitation);
  const email = emailSchema.safeParse(claims.email);
  const name = claims.name?.trim() ?? '';
  const base = userNameFrom(claims.userName ?? '');
  let wanted: NewAccount = {
    guestId,
    userName: base,
    email: email.success ? email.data : null,
    passwordHash: null,
    subject,
    name: name === '' ? null : name,
  };
  for (let tries = 1; ; tries += 1) {
    try {
      return { account: await signUps.create(wanted, admitted), isNew: true };
    } catch (error) {
      if (!(error instanceof DuplicateAccountError) || tries >= TRIES) throw error;
      switch (error.field) {
        case 'userName':
          wanted = { ...wanted, userName: numbered(base, tries) };
          break;
        case 'email':
          wanted = { ...wanted, email: null };
          break;
        case 'userId':
          wanted = { ...wanted, guestId: null };
          break;
        case 'subject': {
          // A concurrent sign-on of another tab created the account first.
          const made = await accounts.ofSubject(subject);
          if (made !== null) return { account: made, isNew: false };
          break;
        }
      }
    }
  }
}

/** A valid user name derived from the provider's preferred user name. */
export function userNameFrom(preferred: string): string {
  const [local = ''] = preferred.normalize('NFKD').toLowerCase().split('@');
  const cleaned = local
    .replace(/\p{Mark}/gu, '')
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+|-+$/g, '')
    .slice(0, USER_NAME_CHARACTERS);
  return userNameSchema.safeParse(cleaned).success ? cleaned : 'person';
}

function numbered(base: string, tries: number): string {
  const end = tries < 9 ? `-${tries + 1}` : `-${randomId().slice(0, 8)}`;
  return base.slice(0, USER_NAME_CHARACTERS - end.length) + end;
}
