/** Everything that knows accounts, put together once per server. */
import type { Config } from '../platform/config.ts';
import type { DomainEvents } from '../platform/domain-events.ts';
import type { Log } from '../platform/log.ts';
import type { Store } from '../store/ports/store.ts';
import { ACCESS_TOKEN_MS, AccessTokens } from './access-tokens.ts';
import { AccountInvitations } from './account-invitations.ts';
import { AccountStates } from './account-states.ts';
import { Administration } from './administration.ts';
import { ApiTokens } from './api-tokens.ts';
import type { Attempts } from '../platform/attempts.ts';
import { AuthSessions, SESSION_MS } from './auth-sessions.ts';
import { Quotas } from '../documents/quotas/quotas.ts';
import { TokenAuthenticator } from './authenticator.ts';
import { DEVICE_MS, KnownDevices } from './known-devices.ts';
import { Passwords } from './passwords.ts';
import type { Authenticator } from '../access/principal.ts';
import { OwnAccounts } from './own-account.ts';
import { PasswordProofs } from './password-proof.ts';
import { SignIns } from './sign-in.ts';
import { accountOfSignOn, type SignOnAccount, type SignOnGuest } from './sign-on-account.ts';
import { SignUps } from './sign-up.ts';
import { SigningKeys } from './signing-keys.ts';
import { SIGN_ON_MS, SingleSignOn, type SignOnClaims } from './single-sign-on.ts';

/** Lifetime of a token of one node for another. */
export const NODE_TOKEN_MS = 60_000;

/** For how long what each key signs may live; the names are those of the store's secrets. */
export const keyLives = {
  /** And read tokens, which live as long. */
  'access-token': ACCESS_TOKEN_MS,
  'refresh-token': SESSION_MS,
  'sign-on': SIGN_ON_MS,
  'known-device': DEVICE_MS,
  /** What nodes say to each other of clients (http/forwarding/node-tokens.ts). */
  node: NODE_TOKEN_MS,
} as const;
export type KeyPurpose = keyof typeof keyLives;

export interface AccountServices {
  readonly authenticator: Authenticator;
  readonly accountStates: AccountStates;
  readonly passwords: Passwords;
  readonly attempts: Attempts;
  readonly knownDevices: KnownDevices;
  readonly authSessions: AuthSessions;
  readonly administration: Administration;
  readonly signUps: SignUps;
  readonly signIns: SignIns;
  readonly ownAccounts: OwnAccounts;
  readonly apiTokens: ApiTokens;
  readonly accountInvitations: AccountInvitations;
  /** {@link accountOfSignOn} */
  readonly signOnAccount: (claims: SignOnClaims, guest: SignOnGuest) => Promise<SignOnAccount>;
  /** Null when there is no provider. */
  readonly singleSignOn: SingleSignOn | null;
  readonly quotas: Quotas;
  readonly signingKeys: SigningKeys<KeyPurpose>;
}

/**
 * @param options `onPasswordWork` is called for each password that was hashed or verified
 */
export async function createAccountServices(
  store: Store,
  config: Config,
  events: DomainEvents,
  log: Log,
  {
    attempts,
    onPasswordWork = () => {},
  }: { readonly attempts: Attempts; readonly onPasswordWork?: () => void },
): Promise<AccountServices> {
  const signingKeys = await SigningKeys.open({ store, lives: keyLives });
  const accessTokens = new AccessTokens(
    signingKeys.ring('access-token'),
    Date.now,
    config.accessTokenSeconds * 1_000,
  );
  const accountStates = new AccountStates(store);
  accountStates.subscribeTo(events);
  const onError = (error: unknown): void => {
    log.warn({ err: error }, 'the last use of an API token was not noted');
  };
  const authenticator = new TokenAuthenticator({ store, accessTokens, accountStates, onError });
  const authSessions = new AuthSessions({
    store,
    accessTokens,
    events,
    refreshKeys: signingKeys.ring('refresh-token'),
  });
  const quotas = new Quotas({
    store,
    limits: config.quotas,
    onError: (error) => log.warn({ err: error }, 'what people use of the disk was not counted'),
  });
  await quotas.takeUp();
  const passwords = new Passwords({ onWork: onPasswordWork });
  const administration = new Administration({ store, events, authSessions, passwords });
  const signUps = new SignUps({ store, mode: config.signUp, events, attempts, passwords });
  const proofs = new PasswordProofs({ store, attempts, passwords, authSessions });
  return {
    quotas,
    signingKeys,
    authenticator,
    accountStates,
    passwords,
    attempts,
    knownDevices: new KnownDevices(signingKeys.ring('known-device')),
    authSessions,
    administration,
    signUps,
    signIns: new SignIns({ store, attempts, passwords, authSessions }),
    ownAccounts: new OwnAccounts({ store, events, attempts, passwords, proofs, administration }),
    apiTokens: new ApiTokens({ store, events, proofs }),
    accountInvitations: new AccountInvitations(store, config.signUp),
    signOnAccount: (claims, guest) => accountOfSignOn(store, signUps, claims, guest),
    singleSignOn:
      config.singleSignOn === null
        ? null
        : new SingleSignOn({ config: config.singleSignOn, keys: signingKeys.ring('sign-on') }),
  };
}
