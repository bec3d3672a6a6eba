import { beforeEach, describe, expect, it } from 'vitest';
import { openMemoryStore } from '../store/memory/memory-store.ts';
import type { Store } from '../store/ports/store.ts';
import { AccessTokens } from './access-tokens.ts';
import { AuthSessions, SESSION_MS, type StartedSession } from './auth-sessions.ts';
import { testEvents } from '../platform/test-events.ts';
import { nowhere, RecordedLiveSessions } from './test-accounts.ts';
import { ringOf } from './test-keys.ts';

const USER_ID = '0123456789abcdef0123456789abcdef';
const HOUR = 3_600_000;

let now: number;
let store: Store;
let live: RecordedLiveSessions;
let sessions: AuthSessions;
let first: StartedSession;

beforeEach(async () => {
  now = 1_800_000_000_000;
  store = openMemoryStore();
  const events = testEvents();
  live = new RecordedLiveSessions(events);
  const clock = (): number => now;
  sessions = new AuthSessions({
    store,
    accessTokens: new AccessTokens(ringOf(new Uint8Array(32)), clock),
    events,
    refreshKeys: ringOf(new Uint8Array(32).fill(1)),
    now: clock,
  });
  await store.accounts.create(
    {
      userId: USER_ID,
      userName: 'ann',
      email: null,
      passwordHash: null,
      subject: null,
      isAdmin: false,
      createdAt: now,
      disabledAt: null,
    },
    null,
  );
  first = await sessions.start(USER_ID, nowhere);
});

const refresh = (token: string, attempt: string): Promise<StartedSession> =>
  sessions.refresh(token, attempt, nowhere);

describe('a client that knows only the id of a session', () => {
  it('cannot end it by refresh or sign-out with an invented token', async () => {
    const { sessionId } = first.signedIn;
    const [, secret = '', mac = ''] = first.refreshToken.split('.');
    const other = 'b'.repeat(secret.length);
    for (const invented of [
      `${sessionId}.${other}`,
      `${sessionId}.${other}.${mac}`,
      `${sessionId}.${secret}.${'A'.repeat(mac.length)}`,
    ]) {
      await expect(refresh(invented, 'attempt')).rejects.toMatchObject({ code: 'signedOut' });
      expect(await sessions.endByToken(invented)).toBeNull();
    }
    expect(live.endedIds).toEqual([]);
    expect((await refresh(first.refreshToken, 'own')).signedIn.sessionId).toBe(sessionId);
  });
});

describe('a session', () => {
  it('continues with each refresh, with a new token each time', async () => {
    let token = first.refreshToken;
    const tokens = new Set([token]);
    for (let n = 1; n <= 5; n += 1) {
      now += HOUR;
      const next = await refresh(token, `attempt ${n}`);
      expect(next.signedIn).toMatchObject({
        sessionId: first.signedIn.sessionId,
        userId: USER_ID,
      });
      expect(next.refreshExpiresAt).toBe(now + SESSION_MS);
      token = next.refreshToken;
      tokens.add(token);
    }
    expect(tokens.size).toBe(6);
  });

  it('survives two, and ten, concurrent refreshes: all get the same token', async () => {
    const results = await Promise.all(
      Array.from({ length: 10 }, (_, n) => refresh(first.refreshToken, `tab ${n}`)),
    );
    const tokens = new Set(results.map(({ refreshToken }) => refreshToken));
    expect(tokens.size).toBe(1);
    expect(tokens).not.toContain(first.refreshToken);
    const [token = ''] = tokens;
    now += HOUR;
    await expect(refresh(token, 'later')).resolves.toBeDefined();
    expect(live.endedIds).toEqual([]);
  });

  it('survives a lost answer: the same attempt gets the same token an hour later', async () => {
    const lost = await refresh(first.refreshToken, 'lost');
    now += HOUR;
    const again = await refresh(first.refreshToken, 'lost');
    expect(again.refreshToken).toBe(lost.refreshToken);
    now += HOUR;
    await expect(refresh(again.refreshToken, 'next')).resolves.toBeDefined();
  });

  it('ends for the thief and for the victim when another client reuses a rotated token', async () => {
    const next = await refresh(first.refreshToken, 'mine');
    now += HOUR;
    await expect(refresh(first.refreshToken, 'thief')).rejects.toMatchObject({ code: 'reused' });
    expect(live.endedIds).toEqual([first.signedIn.sessionId]);
    await expect(refresh(next.refreshToken, 'mine again')).rejects.toMatchObject({
      code: 'signedOut',
    });
  });

  it('that a thief refreshed first ends when the victim presents the stolen token', async () => {
    const stolen = await refresh(first.refreshToken, 'thief');
    now += HOUR;
    await expect(refresh(first.refreshToken, 'victim')).rejects.toMatchObject({ code: 'reused' });
    await expect(refresh(stolen.refreshToken, 'thief')).rejects.toMatchObject({
      code: 'signedOut',
    });
  });

  it('ends without ending other sessions of the account', async () => {
    const other = await sessions.start(USER_ID, nowhere);
    await refresh(first.refreshToken, 'mine');
    now += HOUR;
    await expect(refresh(first.refreshToken, 'thief')).rejects.toMatchObject({ code: 'reused' });
    await expect(refresh(other.refreshToken, 'other')).resolves.toBeDefined();
  });

  it('expires after a month without use', async () => {
    now += SESSION_MS;
    await expect(sessions.listOf(USER_ID)).resolves.toEqual([]);
    await expect(refresh(first.refreshToken, 'late')).rejects.toMatchObject({ code: 'signedOut' });
  });

  it('is only refused, not deleted, while the clock is a month ahead, and works again once it is right', async () => {
    now += SESSION_MS;
    await expect(refresh(first.refreshToken, 'a')).rejects.toMatchObject({ code: 'signedOut' });
    now -= SESSION_MS;
    expect((await refresh(first.refreshToken, 'b')).signedIn.userId).toBe(USER_ID);
  });

  it('of a disabled account issues no tokens', async () => {
    await store.accounts.change(USER_ID, { disabledAt: now });
    await expect(refresh(first.refreshToken, 'mine')).rejects.toMatchObject({ code: 'signedOut' });
  });

  it('is ended by its current or a former token, and by no other token that names it', async () => {
    const { sessionId } = first.signedIn;
    await expect(sessions.endByToken(`${sessionId}.${'a'.repeat(52)}`)).resolves.toBeNull();
    await expect(sessions.endByToken('nonsense')).resolves.toBeNull();
    expect(live.endedIds).toEqual([]);
    await refresh(first.refreshToken, 'mine');
    await expect(sessions.endByToken(first.refreshToken)).resolves.toBe(sessionId);
    expect(live.endedIds).toEqual([sessionId]);
    await expect(sessions.listOf(USER_ID)).resolves.toEqual([]);
  });

  it('can be ended only by its own account', async () => {
    const { sessionId } = first.signedIn;
    await expect(sessions.endOf('f'.repeat(32), sessionId)).resolves.toBe(false);
    await expect(sessions.endOf(USER_ID, sessionId)).resolves.toBe(true);
    await expect(sessions.endOf(USER_ID, sessionId)).resolves.toBe(false);
  });

  it('survives ending all other sessions of the account', async () => {
    await sessions.start(USER_ID, nowhere);
    await sessions.start(USER_ID, nowhere);
    const { sessionId } = first.signedIn;
    await sessions.endAllOf(USER_ID, sessionId);
    const left = await sessions.listOf(USER_ID);
    expect(left.map(({ id }) => id)).toEqual([sessionId]);
    expect(live.endedAll).toEqual([[USER_ID, sessionId]]);
  });

  it('stores hashes of its tokens, never the tokens', async () => {
    const next = await refresh(first.refreshToken, 'my secret attempt');
    const stored = JSON.stringify(await store.authSessions.get(first.signedIn.sessionId));
    for (const secret of [first.refreshToken, next.refreshToken]) {
      expect(stored).not.toContain(secret.split('.')[1]);
    }
    expect(stored).not.toContain('my secret attempt');
  });

  it('stores a bounded prefix of the User-Agent', async () => {
    const { signedIn } = await sessions.start(USER_ID, {
      ...nowhere,
      userAgent: 'x'.repeat(10_000),
    });
    const record = await store.authSessions.get(signedIn.sessionId);
    expect(record?.userAgent).toHaveLength(300);
  });
});
