import { ACCESS_CHECK_MS, type TokenScope } from '@concord/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { openMemoryStore } from '../store/memory/memory-store.ts';
import type { Store } from '../store/ports/store.ts';
import { accountOf } from '../store/test-records.ts';
import { ACCESS_TOKEN_MS, AccessTokens } from './access-tokens.ts';
import { AccountStates } from './account-states.ts';
import { AuthSessions } from './auth-sessions.ts';
import { newApiToken, TokenAuthenticator } from './authenticator.ts';
import { identityOf } from './guest.ts';
import type { Credentials, Principal } from '../access/principal.ts';
import { tokenHash } from './secrets.ts';
import { testEvents } from '../platform/test-events.ts';
import { nowhere } from './test-accounts.ts';
import { ringOf } from './test-keys.ts';

const GUEST_TOKEN = 'a-guest-token-of-a-program';
const USER_ID = identityOf({}, GUEST_TOKEN)?.userId ?? '';
const OTHER_GUEST_TOKEN = 'the-token-of-another-guest';
const OTHER_ID = identityOf({}, OTHER_GUEST_TOKEN)?.userId ?? '';

let now: number;
let store: Store;
let states: AccountStates;
let sessions: AuthSessions;
let authenticator: TokenAuthenticator;

beforeEach(async () => {
  now = 1_800_000_000_000;
  store = openMemoryStore();
  const clock = (): number => now;
  const accessTokens = new AccessTokens(ringOf(new Uint8Array(32)), clock);
  const events = testEvents();
  states = new AccountStates(store, clock);
  states.subscribeTo(events);
  sessions = new AuthSessions({
    store,
    accessTokens,
    events,
    refreshKeys: ringOf(new Uint8Array(32)),
    now: clock,
  });
  authenticator = new TokenAuthenticator({
    store,
    accessTokens,
    accountStates: states,
    onError: (error) => {
      throw error;
    },
    now: clock,
  });
  await store.accounts.create(
    {
      userId: USER_ID,
      userName: 'ann',
      email: null,
      passwordHash: null,
      subject: null,
      isAdmin: true,
      createdAt: now,
      disabledAt: null,
    },
    null,
  );
  await store.accounts.create(accountOf('another administrator', { isAdmin: true }), null);
});

const ask = (credentials: Partial<Credentials>): Promise<Principal> =>
  authenticator.principalOf({ token: null, guestToken: null, cookie: null, ...credentials });

async function addApiToken(
  scopes: TokenScope[],
  expiresAt: number | null = null,
): Promise<{ id: string; token: string }> {
  const token = newApiToken();
  const id = token.slice(-26);
  await store.apiTokens.create({
    id,
    userId: USER_ID,
    label: 'a program',
    tokenHash: tokenHash(token),
    scopes,
    createdAt: now,
    lastUsedAt: null,
    expiresAt,
  });
  return { id, token };
}

describe('the principal of a request', () => {
  it('is anonymous without credentials, and with a malformed guest token', async () => {
    await expect(ask({})).resolves.toEqual({ kind: 'nobody' });
    await expect(ask({ guestToken: 'short' })).resolves.toEqual({ kind: 'nobody' });
    await expect(ask({ cookie: 'concord_guest=*' })).resolves.toEqual({ kind: 'nobody' });
  });

  it('is the same guest by cookie and by header', async () => {
    const guest = { kind: 'guest', userId: OTHER_ID };
    await expect(ask({ guestToken: OTHER_GUEST_TOKEN })).resolves.toEqual(guest);
    const cookie = `x=y; concord_guest=${OTHER_GUEST_TOKEN}`;
    await expect(ask({ cookie })).resolves.toEqual(guest);
  });

  it('is anonymous with the guest token of a person who signed up, even if the account is disabled', async () => {
    await expect(ask({ guestToken: GUEST_TOKEN })).resolves.toEqual({ kind: 'nobody' });
    await store.accounts.change(USER_ID, { disabledAt: now });
    states.changed(USER_ID);
    await expect(ask({ guestToken: GUEST_TOKEN })).resolves.toEqual({ kind: 'nobody' });
  });

  it('is the account with its access token', async () => {
    const { signedIn } = await sessions.start(USER_ID, nowhere);
    await expect(ask({ token: signedIn.accessToken })).resolves.toEqual({
      kind: 'account',
      userId: USER_ID,
      authSessionId: signedIn.sessionId,
      isAdmin: true,
      expiresAt: now + ACCESS_TOKEN_MS,
    });
  });

  it('is anonymous with the guest token of an account that was deleted', async () => {
    await store.accounts.remove(USER_ID);
    states.changed(USER_ID);
    await expect(ask({ guestToken: GUEST_TOKEN })).resolves.toEqual({ kind: 'nobody' });
    now += ACCESS_CHECK_MS + 1;
    await expect(ask({ guestToken: GUEST_TOKEN })).resolves.toEqual({ kind: 'nobody' });
  });

  it('is never the guest of the cookie when the token is invalid', async () => {
    const guest = { guestToken: OTHER_GUEST_TOKEN };
    for (const token of ['', 'x', 'concord_', newApiToken()]) {
      await expect(ask({ token, ...guest })).rejects.toMatchObject({ code: 'invalid' });
    }
    const { signedIn } = await sessions.start(USER_ID, nowhere);
    now += ACCESS_TOKEN_MS;
    await expect(ask({ token: signedIn.accessToken, ...guest })).rejects.toMatchObject({
      code: 'expired',
    });
  });

  it('is refused at once after its session, or all sessions, were ended', async () => {
    const one = await sessions.start(USER_ID, nowhere);
    const other = await sessions.start(USER_ID, nowhere);
    await ask({ token: one.signedIn.accessToken });
    await ask({ token: other.signedIn.accessToken });
    await sessions.end(one.signedIn.sessionId);
    await expect(ask({ token: one.signedIn.accessToken })).rejects.toMatchObject({ code: 'ended' });
    await expect(ask({ token: other.signedIn.accessToken })).resolves.toBeDefined();
    await sessions.endAllOf(USER_ID, null);
    await expect(ask({ token: other.signedIn.accessToken })).rejects.toMatchObject({
      code: 'ended',
    });
  });

  it('is refused within seconds when the invalidation of an ended session was lost', async () => {
    const { signedIn } = await sessions.start(USER_ID, nowhere);
    await ask({ token: signedIn.accessToken });
    await store.authSessions.end(signedIn.sessionId);
    now += ACCESS_CHECK_MS;
    await expect(ask({ token: signedIn.accessToken })).rejects.toMatchObject({ code: 'ended' });
  });

  it('is refused with an access token or API token of a disabled or deleted account', async () => {
    const { signedIn } = await sessions.start(USER_ID, nowhere);
    const { token } = await addApiToken(['account']);
    await ask({ token });
    await ask({ token: signedIn.accessToken });
    await store.accounts.change(USER_ID, { disabledAt: now });
    states.changed(USER_ID);
    await expect(ask({ token: signedIn.accessToken })).rejects.toMatchObject({ code: 'ended' });
    await expect(ask({ token })).rejects.toMatchObject({ code: 'invalid' });
    await store.accounts.remove(USER_ID);
    states.changed(USER_ID);
    await expect(ask({ token: signedIn.accessToken })).rejects.toMatchObject({ code: 'ended' });
  });

  it('stops being an administrator at once when the right is taken away', async () => {
    const { signedIn } = await sessions.start(USER_ID, nowhere);
    await ask({ token: signedIn.accessToken });
    await store.accounts.change(USER_ID, { isAdmin: false });
    states.changed(USER_ID);
    await expect(ask({ token: signedIn.accessToken })).resolves.toMatchObject({ isAdmin: false });
  });

  it('is an account limited by scopes with an API token, until the token expires or is deleted', async () => {
    const { id, token } = await addApiToken(['documents:read'], now + 10_000);
    await expect(ask({ token })).resolves.toEqual({
      kind: 'apiToken',
      userId: USER_ID,
      tokenId: id,
      scopes: ['documents:read'],
      isAdmin: true,
      expiresAt: now + 10_000,
    });
    now += 10_000;
    await expect(ask({ token })).rejects.toMatchObject({ code: 'invalid' });
    const lasting = await addApiToken(['account']);
    await ask({ token: lasting.token });
    await store.apiTokens.remove(USER_ID, lasting.id);
    states.changed(USER_ID);
    await expect(ask({ token: lasting.token })).rejects.toMatchObject({ code: 'invalid' });
  });

  it('records the last use of an API token, at most once a minute', async () => {
    const { token } = await addApiToken(['account']);
    const lastUse = async () => (await store.apiTokens.listOf(USER_ID))[0]?.lastUsedAt;
    await ask({ token });
    const usedAt = now;
    expect(await lastUse()).toBe(usedAt);
    now += 59_999;
    await ask({ token });
    expect(await lastUse()).toBe(usedAt);
    now += 1;
    await ask({ token });
    expect(await lastUse()).toBe(now);
  });
});
