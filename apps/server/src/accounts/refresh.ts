/**
 * Refresh token rotation with reuse detection, as a pure decision (docs/security.md#tokens).
 *
 *   in use ──▶ rotate                 the next token is in use now, this one is the former
 *   in use, but only for a moment ──▶ repeat
 *   former, a moment ago ──▶ repeat   two tabs at once
 *   former, by the same attempt ──▶ repeat   the answer was lost, however long ago
 *   issued earlier ──▶ reuse          a copy is in other hands: the session ends, for thief and victim
 *   never issued ──▶ unknown          refused; the session goes on
 *
 * A token carries a MAC, which distinguishes issued from invented tokens: the session id alone, which is in each access
 * token, must not suffice to end the session by apparent reuse.
 *
 * *Repeat* returns the token in use again and changes nothing, which is possible because each token is derived from its
 * predecessor.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { AuthSessionRecord } from '../store/ports/account-store.ts';
import { tokenHash } from './secrets.ts';

/** Grace period: concurrent refreshes of two tabs are at most this far apart. */
export const GRACE_MS = 10_000;

export type RefreshDecision =
  'rotate' | 'repeatInUse' | 'repeatFormer' | 'reuse' | 'unknown' | 'expired';

/** A token as it was presented: its hash, the hash of the attempt, and whether its MAC is right. */
export interface PresentedToken {
  readonly tokenHash: string;
  readonly attemptHash: string;
  readonly isIssued: boolean;
}

export function decideRefresh(
  session: AuthSessionRecord,
  presented: PresentedToken,
  now: number,
): RefreshDecision {
  if (session.expiresAt <= now) return 'expired';
  const isFresh = session.formerTokenHash !== null && now - session.rotatedAt <= GRACE_MS;
  if (presented.tokenHash === session.tokenHash) {
    // With many tabs opened at once, requests with a token and its successor overtake each other; a token
    // that outlives its exchange by a moment never is two exchanges behind.
    return isFresh ? 'repeatInUse' : 'rotate';
  }
  if (presented.tokenHash === session.formerTokenHash) {
    // That the successor is in use still is known: otherwise another token would be the former.
    const isRepeated = isFresh || presented.attemptHash === session.attemptHash;
    return isRepeated ? 'repeatFormer' : 'reuse';
  }
  return presented.isIssued ? 'reuse' : 'unknown';
}

/** `<session id>.<secret>.<MAC>`; tokens from before there was a MAC are exchanged for one that has it. */
const tokenPattern = /^([a-z2-7]{26})\.[A-Za-z0-9_-]{43,64}(?:\.[A-Za-z0-9_-]{22})?$/;
const MAC_BYTES = 16;

/** Session id of a token; null for a malformed one. */
export function sessionIdOf(refreshToken: string): string | null {
  return tokenPattern.exec(refreshToken)?.[1] ?? null;
}

/** @param secret random, used only for the first token of this session */
export function firstToken(sessionId: string, secret: string, key: Uint8Array): string {
  return withMac(`${sessionId}.${secret}`, key);
}

/** Whether this server issued the token for its session, now or earlier. */
export function isIssued(refreshToken: string, key: Uint8Array): boolean {
  const end = refreshToken.lastIndexOf('.');
  const expected = Buffer.from(withMac(refreshToken.slice(0, end), key));
  const presented = Buffer.from(refreshToken);
  return presented.length === expected.length && timingSafeEqual(presented, expected);
}

/** The successor of a token: deterministic, so that a repeated exchange gives the same, and secret by the key. */
export function successorOf(refreshToken: string, key: Uint8Array): string {
  const secret = createHmac('sha256', key).update(`concord refresh ${refreshToken}`);
  return withMac(`${sessionIdOf(refreshToken)}.${secret.digest('base64url')}`, key);
}

function withMac(token: string, key: Uint8Array): string {
  const mac = createHmac('sha256', key).update(`concord issued ${token}`).digest();
  return `${token}.${mac.subarray(0, MAC_BYTES).toString('base64url')}`;
}

/** Attempt ids are chosen by clients; hashed, so that their stored length is bounded. */
export function attemptHash(attempt: string): string {
  return tokenHash(`concord attempt ${attempt}`);
}
