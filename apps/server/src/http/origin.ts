/**
 * Which pages may talk to this server. CORS covers neither WebSocket nor requests by forms and script elements, so the
 * server checks Origin, without one Sec-Fetch-Site, and Host against DNS rebinding (any DNS name can point here).
 */
import { PAGE_HEADER } from '@concord/protocol';
import { isLoopback, type Config } from '../platform/config.ts';

/** The headers as Node has them, which joins or drops duplicates of these, so that none is an array. */
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
    // Browsers send it where they omit Origin: same-origin reads, script elements, images.
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
   * Whether a cookie of this request proves who sent it. Browsers send neither header with reads by pages on plain
   * http; the app's own pages then send a custom header, which a page of another origin cannot.
   */
  vouchFor(headers: OriginHeaders): boolean {
    const sender = this.senderOf(headers);
    return sender === 'own' || (sender === 'unsaid' && headers[PAGE_HEADER] !== undefined);
  }

  /**
   * Whether this `Host` names the server. With a public URL only that name, names of listed origins and those of this
   * machine do: after DNS rebinding a hostile page is same-origin, but its Host is its own name.
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
    // With a public URL, another name (or the public one with another scheme) counts only if it is this machine's.
    return !this.#hasPublicUrl || isLoopback(page.hostname);
  }
}

/** Scheme, host and port, as a browser writes them. The `null` of sandboxed pages is not an origin. */
function parsedOrigin(origin: string): URL | null {
  if (!/^https?:\/\/[^\s/?#@\\,]+$/i.test(origin) || !URL.canParse(origin)) return null;
  return new URL(origin);
}

/** Normalised by the scheme: without its default port, names in lower case, IPv6 addresses shortened. */
function parsedHost(protocol: string, host: string): URL | null {
  const url = `${protocol}//${host}`;
  if (!/^[^\s/?#@\\,]+$/.test(host) || !URL.canParse(url)) return null;
  return new URL(url);
}
