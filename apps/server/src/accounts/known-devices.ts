/**
 * Device cookie (OWASP's advice against account lock-out): proves that a person signed in with this browser before.
 * Its attempts have a bucket of their own, which attempts from elsewhere cannot exhaust. It does not reveal the account
 * and grants no access.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { randomId } from '@concord/protocol';
import { ProofCookie, type CookieHeaders } from '../platform/cookies.ts';
import type { KeyRing } from './signing-keys.ts';

/** Sent only to the sign-in routes. */
const deviceCookie = new ProofCookie({
  name: 'concord_device',
  path: '/api/v1/sessions',
  sameSite: 'strict',
});
/** A year from the last sign-in. */
export const DEVICE_MS = 365 * 24 * 60 * 60 * 1_000;
const pattern = /^([a-z2-7]{26})\.[\w-]{43}$/;

export class KnownDevices {
  readonly #keys: KeyRing;

  /** @param keys used for nothing else */
  constructor(keys: KeyRing) {
    this.#keys = keys;
  }

  /** `Set-Cookie` headers after a sign-in; @param id of the known device, null for a new one */
  cookiesFor(userId: string, isHttps: boolean, id: string | null = null): string[] {
    const value = valueOf(this.#keys.current().value, id ?? randomId(), userId);
    return deviceCookie.keep(value, DEVICE_MS, isHttps);
  }

  /** Id of the device if this person signed in with it before, otherwise null. */
  idOf(headers: CookieHeaders, userId: string | null): string | null {
    const value = deviceCookie.valueOf(headers);
    const id = value === null ? undefined : pattern.exec(value)?.[1];
    if (value === null || id === undefined) return null;
    const given = Buffer.from(value);
    let isOwn = false;
    // No early exit: constant time, whichever key fits.
    for (const key of this.#keys.all()) {
      const expected = Buffer.from(valueOf(key.value, id, userId ?? ''));
      isOwn = timingSafeEqual(given, expected) || isOwn;
    }
    return isOwn && userId !== null ? id : null;
  }
}

function valueOf(key: Uint8Array, id: string, userId: string): string {
  const mac = createHmac('sha256', key).update(`concord device ${id} ${userId}`);
  return `${id}.${mac.digest('base64url')}`;
}
