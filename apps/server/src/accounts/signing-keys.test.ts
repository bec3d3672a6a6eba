import { SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openMemoryStore } from '../store/memory/memory-store.ts';
import type { Store } from '../store/ports/store.ts';
import { ACCESS_TOKEN_MS, AccessTokens } from './access-tokens.ts';
import { keyLives } from './account-services.ts';
import { AuthSessions } from './auth-sessions.ts';
import { DEVICE_MS, KnownDevices } from './known-devices.ts';
import { LOOK_EVERY_MS, SigningKeys } from './signing-keys.ts';
import { testEvents } from '../platform/test-events.ts';
import { nowhere } from './test-accounts.ts';

const USER_ID = '0123456789abcdef0123456789abcdef';
const SESSION_ID = 'abcdefghijklmnopqrstuvwxyz';
const MINUTE = 60_000;

let now: number;
let store: Store;
let here: SigningKeys<keyof typeof keyLives>;

const open = () => SigningKeys.open({ store, lives: keyLives, now: () => now });
const tokensOf = (keys: typeof here) => new AccessTokens(keys.ring('access-token'), () => now);
const kidOf = (token: string): unknown =>
  (JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { kid?: unknown })
    .kid;

beforeEach(async () => {
  now = 1_800_000_000_000;
  store = openMemoryStore();
  here = await open();
});
afterEach(() => store.close());

describe('after an ordinary rotation', () => {
  it('new tokens name the new key, and those of the former key stay valid until they expire', async () => {
    const tokens = tokensOf(here);
    const { token } = await tokens.issue(USER_ID, SESSION_ID);
    expect(kidOf(token)).toBe('first');
    expect(await here.rotate({ endsFormer: false })).toBe(0);
    const { token: newer } = await tokens.issue(USER_ID, SESSION_ID);
    expect(kidOf(newer)).toMatch(/^[a-z2-7]{26}$/);
    for (const each of [token, newer]) expect((await tokens.verify(each)).userId).toBe(USER_ID);
    now += ACCESS_TOKEN_MS;
    await expect(tokens.verify(token)).rejects.toMatchObject({ code: 'expired' });
  });

  it('the former key is deleted with its secret once all its tokens have expired', async () => {
    const first = await store.secret('access-token');
    await here.rotate({ endsFormer: false });
    now += ACCESS_TOKEN_MS;
    await here.forgetRetired(now);
    expect(here.ring('access-token').all()).toHaveLength(2);
    now += 2 * MINUTE;
    expect(here.ring('access-token').all()).toHaveLength(1);
    await here.forgetRetired(now);
    const kept = await store.signingKeys.list();
    expect(kept.filter(({ purpose }) => purpose === 'access-token')).toHaveLength(1);
    expect(kept.filter(({ purpose }) => purpose === 'known-device')).toHaveLength(2);
    expect(await store.secret('access-token')).not.toEqual(first);
  });

  it('a token from before keys had ids is verified by the first key alone', async () => {
    const seconds = now / 1_000;
    const withoutId = (key: Uint8Array): Promise<string> =>
      new SignJWT({ sid: SESSION_ID })
        .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
        .setIssuer('concord')
        .setAudience('concord')
        .setSubject(USER_ID)
        .setIssuedAt(seconds)
        .setExpirationTime(seconds + 900)
        .sign(key);
    await here.rotate({ endsFormer: false });
    const tokens = tokensOf(here);
    const old = await withoutId(await store.secret('access-token'));
    expect((await tokens.verify(old)).userId).toBe(USER_ID);
    const byNewKey = await withoutId(here.ring('access-token').current().value);
    await expect(tokens.verify(byNewKey)).rejects.toMatchObject({ code: 'invalid' });
  });

  it('a refresh token is exchanged for one of the new key, also on a retry after a lost answer', async () => {
    await account();
    const sessions = sessionsOf(here);
    const { refreshToken } = await sessions.start(USER_ID, nowhere);
    const second = await sessions.refresh(refreshToken, 'attempt 1', nowhere);
    await here.rotate({ endsFormer: false });
    // The answer of the exchange by the former key was lost.
    const again = await sessions.refresh(refreshToken, 'attempt 1', nowhere);
    expect(again.refreshToken).toBe(second.refreshToken);
    now += MINUTE;
    const third = await sessions.refresh(again.refreshToken, 'attempt 2', nowhere);
    expect(third.refreshToken).not.toBe(second.refreshToken);
    // A copy of a token that the former key made is known as one, and ends the session.
    await expect(sessions.refresh(refreshToken, 'thief', nowhere)).rejects.toMatchObject({ code: 'reused' }); // prettier-ignore
    await expect(sessions.refresh(third.refreshToken, 'own', nowhere)).rejects.toMatchObject({ code: 'signedOut' }); // prettier-ignore
  });

  it('a device cookie stays valid for a year, and is signed with the new key on sign-in', async () => {
    const devices = new KnownDevices(here.ring('known-device'));
    const carried = ([setCookie]: string[]) => ({ cookie: setCookie?.split(';')[0] });
    const before = carried(devices.cookiesFor(USER_ID, false));
    const id = devices.idOf(before, USER_ID);
    await here.rotate({ endsFormer: false });
    now += DEVICE_MS;
    expect(devices.idOf(before, USER_ID)).toBe(id);
    const renewed = carried(devices.cookiesFor(USER_ID, false, id));
    now += 2 * MINUTE;
    expect(devices.idOf(before, USER_ID)).toBeNull();
    expect(devices.idOf(renewed, USER_ID)).toBe(id);
  });
});

describe('when the former keys end at once', () => {
  it('all their tokens are invalid, and all sessions have ended', async () => {
    await account();
    const tokens = tokensOf(here);
    const sessions = sessionsOf(here);
    const devices = new KnownDevices(here.ring('known-device'));
    const { token } = await tokens.issue(USER_ID, SESSION_ID);
    const device = { cookie: devices.cookiesFor(USER_ID, false)[0]?.split(';')[0] };
    const { refreshToken, readToken } = await sessions.start(USER_ID, nowhere);
    const stolen = await store.secret('access-token');
    expect(await here.rotate({ endsFormer: true })).toBe(1);
    await expect(tokens.verify(token)).rejects.toMatchObject({ code: 'invalid' });
    await expect(tokens.verifyRead(readToken)).rejects.toMatchObject({ code: 'invalid' });
    await expect(sessions.refresh(refreshToken, 'attempt', nowhere)).rejects.toMatchObject({ code: 'signedOut' }); // prettier-ignore
    expect(devices.idOf(device, USER_ID)).toBeNull();
    expect((await store.signingKeys.list()).map(({ value }) => value)).not.toContainEqual(stolen);
    expect(await store.secret('access-token')).not.toEqual(stolen);
  });
});

describe('another server of the same store', () => {
  it('accepts a token of a key it has not loaded yet, and drops the former key by itself', async () => {
    const there = await open();
    const [mine, theirs] = [tokensOf(here), tokensOf(there)];
    const { token: old } = await mine.issue(USER_ID, SESSION_ID);
    await here.rotate({ endsFormer: true });
    const { token } = await mine.issue(USER_ID, SESSION_ID);
    expect((await theirs.verify(token)).userId).toBe(USER_ID);
    await expect(theirs.verify(old)).rejects.toMatchObject({ code: 'invalid' });
  });

  it('learns of a rotation within seconds without requests', async () => {
    vi.useFakeTimers();
    try {
      const there = await open();
      const stop = there.watch((error) => expect.fail(String(error)));
      await here.rotate({ endsFormer: true });
      const { kid } = here.ring('access-token').current();
      expect(there.ring('access-token').current().kid).not.toBe(kid);
      await vi.advanceTimersByTimeAsync(2 * LOOK_EVERY_MS);
      expect(
        there
          .ring('access-token')
          .all()
          .map((key) => key.kid),
      ).toEqual([kid]);
      stop();
    } finally {
      vi.useRealTimers();
    }
  });

  it('repeats an exchange done with a key it had not loaded', async () => {
    await account();
    const there = await open();
    const { refreshToken } = await sessionsOf(there).start(USER_ID, nowhere);
    await here.rotate({ endsFormer: false });
    const done = await sessionsOf(here).refresh(refreshToken, 'attempt', nowhere);
    const again = await sessionsOf(there).refresh(refreshToken, 'attempt', nowhere);
    expect(again.refreshToken).toBe(done.refreshToken);
  });

  it('reads the store once for many unknown key ids, and never for malformed ones', async () => {
    const list = vi.spyOn(store.signingKeys, 'list');
    const ring = here.ring('access-token');
    expect(await ring.find("x' OR 1")).toBeNull();
    expect(list).not.toHaveBeenCalled();
    const invented = Array.from({ length: 100 }, (_, i) => ring.find('a'.repeat(25) + 'abcd'.charAt(i % 4))); // prettier-ignore
    expect(await Promise.all(invented)).toEqual(invented.map(() => null));
    expect(list).toHaveBeenCalledTimes(1);
  });
});

function sessionsOf(keys: typeof here): AuthSessions {
  return new AuthSessions({
    store,
    accessTokens: tokensOf(keys),
    events: testEvents(),
    refreshKeys: keys.ring('refresh-token'),
    now: () => now,
  });
}

async function account(): Promise<void> {
  const shared = { email: null, passwordHash: null, subject: null, isAdmin: false };
  await store.accounts.create(
    { userId: USER_ID, userName: 'ann', ...shared, createdAt: now, disabledAt: null },
    null,
  );
}
