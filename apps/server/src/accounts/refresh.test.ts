import { describe, expect, it } from 'vitest';
import type { AuthSessionRecord } from '../store/ports/account-store.ts';
import {
  attemptHash,
  decideRefresh,
  firstToken,
  GRACE_MS,
  isIssued,
  sessionIdOf,
  successorOf,
  type RefreshDecision,
} from './refresh.ts';
import { tokenHash } from './secrets.ts';

const SESSION_ID = 'abcdefghijklmnopqrstuvwxyz';
const KEY = new Uint8Array(32).fill(7);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const r0 = firstToken(SESSION_ID, 'a'.repeat(52), KEY);
const r1 = successorOf(r0, KEY);
const r2 = successorOf(r1, KEY);

/** A session whose token was `former` and is `inUse` since `rotatedAt`. */
function session(inUse: string, former: string | null, attempt: string | null, rotatedAt = 0) {
  return {
    id: SESSION_ID,
    userId: '0'.repeat(32),
    tokenHash: tokenHash(inUse),
    formerTokenHash: former === null ? null : tokenHash(former),
    attemptHash: attempt === null ? null : attemptHash(attempt),
    rotatedAt,
    createdAt: 0,
    lastUsedAt: rotatedAt,
    expiresAt: rotatedAt + 30 * 24 * HOUR,
    provenAt: 0,
    userAgent: '',
    address: '',
  } satisfies AuthSessionRecord;
}

function decide(
  record: AuthSessionRecord,
  token: string,
  attempt: string,
  now: number,
): RefreshDecision {
  const presented = {
    tokenHash: tokenHash(token),
    attemptHash: attemptHash(attempt),
    isIssued: isIssued(token, KEY),
  };
  return decideRefresh(record, presented, now);
}

describe('a refresh token', () => {
  it('in use is exchanged right after the sign-in and weeks later', () => {
    expect(decide(session(r0, null, null), r0, 'first', 0)).toBe('rotate');
    expect(decide(session(r0, null, null), r0, 'first', 29 * 24 * HOUR)).toBe('rotate');
    expect(decide(session(r1, r0, 'first'), r1, 'second', MINUTE)).toBe('rotate');
  });

  it('that two tabs present at once has the same successor for both', () => {
    const afterFirstTab = session(r1, r0, 'tab 1', 1_000);
    expect(decide(afterFirstTab, r0, 'tab 2', 1_000 + GRACE_MS)).toBe('repeatFormer');
  });

  it('in use is not rotated again within the grace, so that a slower tab is not refused', () => {
    const afterFirstTab = session(r1, r0, 'tab 1', 1_000);
    // If it were rotated once more, the request in flight of the second tab would look like reuse.
    expect(decide(afterFirstTab, r1, 'tab 3', 1_000 + GRACE_MS)).toBe('repeatInUse');
    expect(decide(afterFirstTab, r1, 'tab 3', 1_001 + GRACE_MS)).toBe('rotate');
  });

  it('returns the same successor an hour later to the attempt whose answer was lost', () => {
    const afterLostAnswer = session(r1, r0, 'lost');
    expect(decide(afterLostAnswer, r0, 'lost', HOUR)).toBe('repeatFormer');
  });

  it('that was exchanged is reuse by any other attempt after the grace', () => {
    const exchanged = session(r1, r0, 'mine');
    expect(decide(exchanged, r0, 'thief', GRACE_MS + 1)).toBe('reuse');
    expect(decide(exchanged, r0, '', HOUR)).toBe('reuse');
  });

  it('two exchanges old is reuse even by its own attempt, even within the grace', () => {
    const exchangedTwice = session(r2, r1, 'second');
    expect(decide(exchangedTwice, r0, 'first', 1)).toBe('reuse');
    expect(decide(exchangedTwice, r0, 'second', 1)).toBe('reuse');
  });

  it('of this session that was never issued is unknown, which does not end the session', () => {
    const record = session(r1, r0, 'mine');
    const otherKey = new Uint8Array(32).fill(8);
    for (const invented of [
      `${SESSION_ID}.${'A'.repeat(43)}`,
      firstToken(SESSION_ID, 'b'.repeat(52), otherKey),
      r0.slice(0, -1) + (r0.endsWith('A') ? 'B' : 'A'),
      r0.slice(0, r0.lastIndexOf('.')),
    ]) {
      expect(sessionIdOf(invented), invented).toBe(SESSION_ID);
      expect(decide(record, invented, 'mine', 1), invented).toBe('unknown');
    }
  });

  it('issued before tokens had a MAC is exchanged while in use, and is reuse afterwards', () => {
    const old = `${SESSION_ID}.${'c'.repeat(52)}`;
    expect(decide(session(old, null, null), old, 'first', HOUR)).toBe('rotate');
    const next = successorOf(old, KEY);
    expect(isIssued(next, KEY)).toBe(true);
    expect(decide(session(next, old, 'first'), old, 'thief', HOUR)).toBe('reuse');
  });

  it('is expired when its session is, even if it is reuse too', () => {
    const old = session(r1, r0, 'mine');
    expect(decide(old, r1, 'mine', old.expiresAt)).toBe('expired');
    expect(decide(old, r0, 'thief', old.expiresAt)).toBe('expired');
  });

  it('has exactly one successor, which cannot be derived without the key', () => {
    expect(successorOf(r0, KEY)).toBe(r1);
    expect(new Set([r0, r1, r2]).size).toBe(3);
    expect(successorOf(r0, new Uint8Array(32).fill(8))).not.toBe(r1);
    expect(sessionIdOf(r2)).toBe(SESSION_ID);
  });

  it('of another shape is not recognised', () => {
    for (const text of [
      '',
      SESSION_ID,
      `${SESSION_ID}.short`,
      `${r0}.more`,
      `${r0}x`,
      ` ${r0}`,
      `${r0}\n`,
    ]) {
      expect(sessionIdOf(text)).toBeNull();
    }
  });
});
