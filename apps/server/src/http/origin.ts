/**
 * Which pages may talk to this server. CORS binds neither WebSocket nor what a page writes by a form or a script
 * element, so that the server looks itself: at Origin, where there is none at Sec-Fetch-Site, and at Host, whose name
 * anybody's DNS can point here.
 */
import { PAGE_HEADER } from '@concord/protocol';
import { isLoopback, type Config } from '../platform/config.ts';

/** As a request has them; duplicates of these are no list in Node. */
export interface OriginHeaders {
  readonly origin?: string | undefined;
  readonly host?: string | undefined;
  readonly [name: string]: string | readonly string[] | undefined;
}

/** `own`: a page of this server sent it. `foreign`: another page did. `unsaid`: a program, or an old browser. */
export type Sender = 'own' | 'foreign' | 'unsaid';

export class OriginRules {
  readonly #listed: readonly URL[];
  readonly #hasPublicUrl: boolean;

  constructor({ origins, publicUrl }: Pick<Config, 'origins' | 'publicUrl'>) {
    this.#listed = origins.map((origin) => new URL(origin));
    this.#hasPublicUrl = publicUrl !== null;
  }

  senderOf(headers: OriginHeaders): Sender {
    if (headers.origin !== undefined) return this.#allows(headers) ? 'own' : 'foreign';
    // Browsers tell it where they leave out the Origin: reads of the same origin, script elements, images.
    switch (headers['sec-fetch-site']) {
      case 'same-origin':
        return 'own';
      case 'same-site':
      case 'cross-site':
        return 'foreign';
      default:
        return 'unsaid';
    }
  }

  /**
   * Whether a cookie of this request proves who sent it. Browsers say nothing about reads by pages of plain http; the
   * app's own pages then send a header, which a page of another origin cannot.
   */
  vouchFor(headers: OriginHeaders): boolean {
    const sender = this.senderOf(headers);
    return sender === 'own' || (sender === 'unsaid' && headers[PAGE_HEADER] !== undefined);
  }

  /**
   * Whether the server is meant by this `Host`. With a public URL only that name, names of listed origins and
   * this machine's are: a page whose name was pointed here (DNS rebinding) is of its own origin, but its Host tells.
   */
  isOwnHost(host: string | undefined): boolean {
    if (!this.#hasPublicUrl) return true;
    if (host === undefined) return false;
    return (
      isLoopback(parsedHost('http:', host)?.hostname ?? '') ||
      this.#listed.some(({ protocol, host: listed }) => parsedHost(protocol, host)?.host === listed)
    );
  }

  #allows({ origin = '', host }: OriginHeaders): boolean {
    const page = parsedOrigin(origin);
    if (page === null) return false;
    if (this.#listed.some((listed) => listed.origin === page.origin)) return true;
    if (host === undefined || parsedHost(page.protocol, host)?.host !== page.host) return false;
    // With a public URL, another name (or the public one by another scheme) counts only if it is this machine's.
    return !this.#hasPublicUrl || isLoopback(page.hostname);
  }
}

/** Scheme, host and port alone, as a browser writes them. `null`, which sandboxed pages send, is none. */
function parsedOrigin(origin: string): URL | null {
  if (!/^https?:\/\/[^\s/?#@\\,]+$/i.test(origin) || !URL.canParse(origin)) return null;
  return new URL(origin);
}

/** As the scheme reads it: its default port is dropped, names are in lower case, IPv6 addresses are shortened. */
function parsedHost(protocol: string, host: string): URL | null {
  const url = `${protocol}//${host}`;
  if (!/^[^\s/?#@\\,]+$/.test(host) || !URL.canParse(url)) return null;
  return new URL(url);
}
