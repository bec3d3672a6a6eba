/** Random secret tokens, which are shown once, and their stored hashes. */
import { createHash } from 'node:crypto';
import { randomId } from '@concord/protocol';

/**
 * SHA-256, hexadecimal. Enough for tokens of 128 random bits and more, which cannot be guessed; passwords
 * need a slow hash (passwords.ts).
 */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** 256 random bits as 52 characters of lower-case base32. */
export function randomSecret(): string {
  return randomId() + randomId();
}
