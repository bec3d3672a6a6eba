/**
 * Cookies that prove something. No script reads them. Where people come by https they have a prefix, so that no page by
 * http can set one of the name: `__Host-`, or `__Secure-` for those that are sent to some paths only. A browser that
 * has one by the name without prefix, from before or by http, is known by it and given the other in its place.
 */
import { parseCookie, stringifySetCookie } from 'cookie';

export interface CookieHeaders {
  readonly cookie?: string | undefined;
}

export interface ProofCookieOptions {
  readonly name: string;
  /** Where it is sent. */
  readonly path: string;
  /** Lax ones come along when a link of another site leads here. */
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
