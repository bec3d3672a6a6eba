/** An HTTP client with a browser's cookie jar and a chosen source address; it follows no redirects. */
import { request } from 'node:http';
import { ATTEMPT_HEADER, randomId, type SignedIn } from '@concord/protocol';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
}

export interface HttpClientOptions {
  /** Source address of the connections, in 127.0.0.0/8. */
  readonly localAddress?: string;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
}

interface Cookie {
  readonly value: string;
  readonly path: string;
}

export class HttpClient {
  readonly #url: string;
  readonly #options: HttpClientOptions;
  /** By host and port, then by name. Unlike in browsers, ports of one host do not share cookies. */
  readonly #jars = new Map<string, Map<string, Cookie>>();

  /** @param url of the server that paths are relative to */
  constructor(url: string, options: HttpClientOptions = {}) {
    this.#url = url;
    this.#options = options;
  }

  /** Value of a cookie of the server. */
  cookie(name: string): string | undefined {
    return this.#jar(new URL(this.#url)).get(name)?.value;
  }

  setCookie(name: string, value: string, path: string): void {
    this.#jar(new URL(this.#url)).set(name, { value, path });
  }

  /** @param target a path of the server, or an absolute address */
  send(
    method: string,
    target: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const url = new URL(target, this.#url);
    const jar = this.#jar(url);
    const cookie = [...jar]
      .filter(([, { path }]) => url.pathname.startsWith(path))
      .map(([name, { value }]) => `${name}=${value}`)
      .join('; ');
    const payload = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const outgoing = request(
        url,
        {
          method,
          agent: false,
          ...(this.#options.localAddress === undefined
            ? {}
            : { localAddress: this.#options.localAddress }),
          headers: {
            ...(cookie === '' ? {} : { cookie }),
            ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
            ...this.#options.headers,
            ...headers,
          },
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (part: string) => (text += part));
          response.on('error', reject);
          response.on('end', () => {
            for (const line of response.headers['set-cookie'] ?? []) keep(jar, line);
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
          });
        },
      );
      outgoing.on('error', reject);
      outgoing.end(payload);
    });
  }

  /** Throws unless it succeeds. */
  async signUp(userName: string, password: string): Promise<SignedIn> {
    return signedIn(await this.send('POST', '/api/v1/accounts', { userName, password }));
  }

  /** Throws unless it succeeds. */
  async signIn(login: string, password: string): Promise<SignedIn> {
    return signedIn(await this.send('POST', '/api/v1/sessions', { login, password }));
  }

  refresh(attempt: string = randomId()): Promise<Answer> {
    const headers = { [ATTEMPT_HEADER]: attempt };
    return this.send('POST', '/api/v1/sessions/refresh', undefined, headers);
  }

  #jar({ host }: URL): Map<string, Cookie> {
    const known = this.#jars.get(host);
    if (known !== undefined) return known;
    const jar = new Map<string, Cookie>();
    this.#jars.set(host, jar);
    return jar;
  }
}

function keep(jar: Map<string, Cookie>, line: string): void {
  const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
  const path = /; *path=([^;]*)/i.exec(line)?.[1] ?? '/';
  const expires = /; *expires=([^;]*)/i.exec(line)?.[1];
  const maxAge = /; *max-age=([^;]*)/i.exec(line)?.[1];
  const isOver =
    maxAge === undefined
      ? expires !== undefined && Date.parse(expires) <= Date.now()
      : Number(maxAge) <= 0;
  if (isOver) jar.delete(name);
  else jar.set(name, { value, path });
}

function signedIn({ status, text }: Answer): SignedIn {
  if (status !== 201) throw new Error(`${status}: ${text}`);
  return JSON.parse(text) as SignedIn;
}

/** `code` of a problem. */
export function problemCode({ text }: Answer): string {
  return (JSON.parse(text) as { code: string }).code;
}
