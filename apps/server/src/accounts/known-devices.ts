/**
 * A cookie by which a browser shows that a person signed in with it before ("device cookie", OWASP's advice against
 * lock-out): its tries have a bucket of their own, which nobody else can empty, from whatever address. It says nothing
 * to others of whose it is, and opens nothing.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { randomId } from '@concord/protocol';
import { ProofCookie, type CookieHeaders } from '../platform/cookies.ts';
import type { KeyRing } from './signing-keys.ts';

/** Only where one signs in. */
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

  /** `Set-Cookie` headers after the person signed in here; @param id of a device that is known, null for a new one */
  cookiesFor(userId: string, isHttps: boolean, id: string | null = null): string[] {
    const value = valueOf(this.#keys.current().value, id ?? randomId(), userId);
    return deviceCookie.keep(value, DEVICE_MS, isHttps);
  }

  /** Id of the device, if this person signed in with it before; null else. */
  idOf(headers: CookieHeaders, userId: string | null): string | null {
    const value = deviceCookie.valueOf(headers);
    const id = value === null ? undefined : pattern.exec(value)?.[1];
    if (value === null || id === undefined) return null;
    const given = Buffer.from(value);
    let isOwn = false;
    // All of them: how long it takes says nothing.
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
