/** The account of somebody who came by single sign-on: found by the provider's subject, or made. */
import { emailSchema, randomId, userNameSchema } from '@concord/protocol';
import { DuplicateAccountError, type AccountRecord } from '../store/ports/account-store.ts';
import type { Store } from '../store/ports/store.ts';
import type { NewAccount, SignUps } from './sign-up.ts';
import type { SignOnClaims } from './single-sign-on.ts';

export interface SignOnGuest {
  /** Of the browser's guest, who becomes the account. */
  readonly guestId: string | null;
  readonly invitation: string | null;
}

export interface SignOnAccount {
  readonly account: AccountRecord;
  readonly isNew: boolean;
}

const USER_NAME_CHARACTERS = 39;
/** With a random end, a name is taken about never. */
const TRIES = 20;

/**
 * Never an account that is there already by its email address: whoever may choose an address at the provider
 * would choose somebody else's. Rejects as `SignUps` does where accounts are not made for everybody.
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
          // Two tabs at once: the other was faster.
          const made = await accounts.ofSubject(subject);
          if (made !== null) return { account: made, isNew: false };
          break;
        }
      }
    }
  }
}

/** A valid user name that resembles what the provider calls the person. */
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
