/**
 * A cookie by which a browser shows that a person signed in with it before ("device cookie", OWASP's advice against
 * lock-out): its tries have a bucket of their own, which nobody else can empty, from whatever address. It says nothing
 * to others of whose it is, and opens nothing.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { randomId } from '@concord/protocol';
import { parseCookie, stringifySetCookie } from 'cookie';

const NAME = 'concord_device';
/** Only where one signs in. */
const PATH = '/api/v1/sessions';
const COOKIE_SECONDS = 365 * 24 * 60 * 60;
const pattern = /^([a-z2-7]{26})\.[\w-]{43}$/;

export class KnownDevices {
  readonly #key: Uint8Array;

  /** @param key at least 32 random bytes, used for nothing else */
  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** `Set-Cookie` after the person signed in here. */
  cookieFor(userId: string, isHttps: boolean): string {
    return stringifySetCookie({
      name: NAME,
      value: this.#valueOf(randomId(), userId),
      maxAge: COOKIE_SECONDS,
      httpOnly: true,
      sameSite: 'strict',
      path: PATH,
      secure: isHttps,
    });
  }

  /** Id of the device, if this person signed in with it before; null else. */
  idOf(headers: { readonly cookie?: string | undefined }, userId: string | null): string | null {
    const value = headers.cookie === undefined ? undefined : parseCookie(headers.cookie)[NAME];
    const id = value === undefined ? undefined : pattern.exec(value)?.[1];
    if (value === undefined || id === undefined) return null;
    const expected = Buffer.from(this.#valueOf(id, userId ?? ''));
    const isOwn = timingSafeEqual(Buffer.from(value), expected);
    return isOwn && userId !== null ? id : null;
  }

  #valueOf(id: string, userId: string): string {
    const mac = createHmac('sha256', this.#key).update(`concord device ${id} ${userId}`);
    return `${id}.${mac.digest('base64url')}`;
  }
}
