/**
 * What becomes of a refresh token that is presented: a pure decision (security.md 6).
 *
 *   in use ──▶ rotate                 the next token is in use now, this one is the former
 *   in use, but only for a moment ──▶ repeat
 *   former, a moment ago ──▶ repeat   two tabs at once
 *   former, by the same attempt ──▶ repeat   the answer was lost, however long ago
 *   anything else ──▶ reuse           somebody has a copy: the session ends, for thief and victim
 *
 * *Repeat* gives the token in use once more and changes nothing. It can, because each token is derived from
 * the one before it.
 */
import { createHmac } from 'node:crypto';
import type { AuthSessionRecord } from '../store/account-store.ts';
import { tokenHash } from './secrets.ts';

/** Two tabs that refresh at once are this far apart at most. */
export const GRACE_MS = 10_000;

export type RefreshDecision = 'rotate' | 'repeatInUse' | 'repeatFormer' | 'reuse' | 'expired';

/** @param presented hashes of the token and of the attempt that presents it */
export function decideRefresh(
  session: AuthSessionRecord,
  presented: { readonly tokenHash: string; readonly attemptHash: string },
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
    if (isFresh || presented.attemptHash === session.attemptHash) return 'repeatFormer';
  }
  return 'reuse';
}

const tokenPattern = /^([a-z2-7]{26})\.[A-Za-z0-9_-]{43,64}$/;

/** Id of the session that a token is of; null for what never was a token. */
export function sessionIdOf(refreshToken: string): string | null {
  return tokenPattern.exec(refreshToken)?.[1] ?? null;
}

/** @param secret random, of this session's first token alone */
export function firstToken(sessionId: string, secret: string): string {
  return `${sessionId}.${secret}`;
}

/** The one token that follows: the same exchange, done twice, gives the same. Only the server can tell it. */
export function successorOf(refreshToken: string, key: Uint8Array): string {
  const mac = createHmac('sha256', key).update(`concord refresh ${refreshToken}`);
  return `${sessionIdOf(refreshToken)}.${mac.digest('base64url')}`;
}

/** Attempts are chosen by clients: one is kept as its hash, of whatever length it is. */
export function attemptHash(attempt: string): string {
  return tokenHash(`concord attempt ${attempt}`);
}
