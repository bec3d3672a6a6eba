/**
 * Credential cookies, all HttpOnly. On https their names have a prefix, so that pages on http cannot set them:
 * `__Host-`, or `__Secure-` for those limited to a path. A cookie under the name without prefix, set earlier or on
 * http, is accepted and replaced by the prefixed one.
 */
import { parseCookie, stringifySetCookie } from 'cookie';

export interface CookieHeaders {
  readonly cookie?: string | undefined;
}

export interface ProofCookieOptions {
  readonly name: string;
  /** Where it is sent. */
  readonly path: string;
  /** Lax cookies are sent when a link on another site is followed. */
  readonly sameSite: 'strict' | 'lax';
}

export class ProofCookie {
  readonly #name: string;
  readonly #secureName: string;
  readonly #attributes: { readonly httpOnly: true; readonly sameSite: 'strict' | 'lax'; readonly path: string }; // prettier-ignore

  constructor({ name, path, sameSite }: ProofCookieOptions) {
    this.#name = name;
    this.#secureName = `${path === '/' ? '__Host-' : '__Secure-'}${name}`;
    this.#attributes = { httpOnly: true, sameSite, path };
  }

  /** Null when there is none by either name. */
  valueOf({ cookie }: CookieHeaders): string | null {
    if (cookie === undefined) return null;
    const cookies = parseCookie(cookie);
    return cookies[this.#secureName] ?? cookies[this.#name] ?? null;
  }

  /** `Set-Cookie` headers that keep the value. By https they take away the other name, which could bring back another value. */
  keep(value: string, lifeMs: number, isHttps: boolean): string[] {
    const maxAge = Math.max(0, Math.floor(lifeMs / 1_000));
    const line = (name: string, content: string, age: number): string =>
      stringifySetCookie({ ...this.#attributes, name, value: content, maxAge: age, secure: isHttps }); // prettier-ignore
    return isHttps
      ? [line(this.#secureName, value, maxAge), line(this.#name, '', 0)]
      : [line(this.#name, value, maxAge)];
  }

  /** `Set-Cookie` headers that take it away. */
  remove(isHttps: boolean): string[] {
    return this.keep('', 0, isHttps);
  }
}
