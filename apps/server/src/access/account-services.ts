/** Everything that knows accounts, put together once per server. */
import type { Config } from '../config.ts';
import type { LiveSessions } from '../gateway/live-sessions.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';
import { AccessTokens } from './access-tokens.ts';
import { AccountStates } from './account-states.ts';
import { Administration } from './administration.ts';
import { Attempts } from './attempts.ts';
import { AuthSessions } from './auth-sessions.ts';
import { Quotas } from '../quotas/quotas.ts';
import { TokenAuthenticator } from './authenticator.ts';
import { KnownDevices } from './known-devices.ts';
import { Passwords } from './passwords.ts';
import type { Authenticator } from './principal.ts';
import { SignUps } from './sign-up.ts';
import { SingleSignOn } from './single-sign-on.ts';

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
}

/**
 * @param liveSessions may be connected later: it is not called before the first request
 * @param onPasswordWork called for each password that was hashed or verified
 */
export async function createAccountServices(
  store: Store,
  config: Config,
  liveSessions: LiveSessions,
  log: Log,
  onPasswordWork: () => void = () => {},
): Promise<AccountServices> {
  const [accessKey, refreshKey, signOnKey, deviceKey] = await Promise.all([
    store.secret('access-token'),
    store.secret('refresh-token'),
    store.secret('sign-on'),
    store.secret('known-device'),
  ]);
  const accessTokens = new AccessTokens(accessKey, Date.now, config.accessTokenSeconds * 1_000);
  const accountStates = new AccountStates(store);
  const onError = (error: unknown): void => {
    log.warn({ err: error }, 'the last use of an API token was not noted');
  };
  const authenticator = new TokenAuthenticator({ store, accessTokens, accountStates, onError });
  const authSessions = new AuthSessions({
    store,
    accessTokens,
    accountStates,
    liveSessions,
    refreshKey,
  });
  const quotas = new Quotas({
    store,
    limits: config.quotas,
    onError: (error) => log.warn({ err: error }, 'what people use of the disk was not counted'),
  });
  return {
    quotas,
    authenticator,
    accountStates,
    passwords: new Passwords({ onWork: onPasswordWork }),
    attempts: new Attempts(),
    knownDevices: new KnownDevices(deviceKey),
    authSessions,
    administration: new Administration({ store, accountStates, authSessions }),
    signUps: new SignUps({ store, mode: config.signUp, accountStates, liveSessions }),
    singleSignOn:
      config.singleSignOn === null
        ? null
        : new SingleSignOn({ config: config.singleSignOn, key: signOnKey }),
  };
}
