/** Everything that knows accounts, put together once per server. */
import type { Config } from '../platform/config.ts';
import type { DomainEvents } from '../platform/domain-events.ts';
import type { Log } from '../platform/log.ts';
import type { Store } from '../store/ports/store.ts';
import { ACCESS_TOKEN_MS, AccessTokens } from './access-tokens.ts';
import { AccountStates } from './account-states.ts';
import { Administration } from './administration.ts';
import { Attempts } from '../platform/attempts.ts';
import { AuthSessions, SESSION_MS } from './auth-sessions.ts';
import { Quotas } from '../documents/quotas/quotas.ts';
import { TokenAuthenticator } from './authenticator.ts';
import { DEVICE_MS, KnownDevices } from './known-devices.ts';
import { Passwords } from './passwords.ts';
import type { Authenticator } from '../access/principal.ts';
import { SignUps } from './sign-up.ts';
import { SigningKeys } from './signing-keys.ts';
import { SIGN_ON_MS, SingleSignOn } from './single-sign-on.ts';

/** For how long what each key signs may live; the names are those of the store's secrets. */
export const keyLives = {
  /** And read tokens, which live as long. */
  'access-token': ACCESS_TOKEN_MS,
  'refresh-token': SESSION_MS,
  'sign-on': SIGN_ON_MS,
  'known-device': DEVICE_MS,
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
  /** Null when there is no provider. */
  readonly singleSignOn: SingleSignOn | null;
  readonly quotas: Quotas;
  readonly signingKeys: SigningKeys<KeyPurpose>;
}

/**
 * @param onPasswordWork called for each password that was hashed or verified
 */
export async function createAccountServices(
  store: Store,
  config: Config,
  events: DomainEvents,
  log: Log,
  onPasswordWork: () => void = () => {},
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
  return {
    quotas,
    signingKeys,
    authenticator,
    accountStates,
    passwords: new Passwords({ onWork: onPasswordWork }),
    attempts: new Attempts(),
    knownDevices: new KnownDevices(signingKeys.ring('known-device')),
    authSessions,
    administration: new Administration({ store, events, authSessions }),
    signUps: new SignUps({ store, mode: config.signUp, events }),
    singleSignOn:
      config.singleSignOn === null
        ? null
        : new SingleSignOn({ config: config.singleSignOn, keys: signingKeys.ring('sign-on') }),
  };
}
