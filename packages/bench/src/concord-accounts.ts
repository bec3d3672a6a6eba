/** Accounts of the load: each connection authenticates with an access token, as browsers do. */
import type { SignedIn } from '@concord/protocol';

/** Connections take these accounts in turn: of a hundred in one document fewer belong to one person than may join at once. */
const ACCOUNTS = 8;
/** The next connections have the next accounts. */
const CONNECTIONS_PER_ACCOUNTS = 800;
const PASSWORD = 'a password of the load';

const accountsOf = new Map<string, ConcordAccounts>();

/** The accounts of this process at a server. */
export function concordAccounts(url: string): ConcordAccounts {
  const accounts = accountsOf.get(url) ?? new ConcordAccounts(url);
  accountsOf.set(url, accounts);
  return accounts;
}

/**
 * Each account signs up from its own address, which the server takes from this machine as a trusted proxy, because of
 * rate limits by address.
 */
export class ConcordAccounts {
  readonly #url: string;
  readonly #tokens = new Map<number, Promise<string>>();
  #connections = 0;

  constructor(url: string) {
    this.#url = url;
  }

  /** Headers of the next connection, or of a request. */
  async next(): Promise<{ readonly token: string; readonly headers: Record<string, string> }> {
    const connection = this.#connections++;
    const group = Math.floor(connection / CONNECTIONS_PER_ACCOUNTS);
    const account = group * ACCOUNTS + (connection % ACCOUNTS);
    const address = `10.0.${account >> 8}.${account & 255}`;
    let token = this.#tokens.get(account);
    if (token === undefined) {
      token = this.#signUp(account, address);
      this.#tokens.set(account, token);
    }
    const accessToken = await token;
    const headers = { authorization: `Bearer ${accessToken}`, 'x-forwarded-for': address };
    return { token: accessToken, headers };
  }

  async #signUp(account: number, address: string): Promise<string> {
    const response = await fetch(`${this.#url}/api/v1/accounts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
      body: JSON.stringify({
        userName: `load${account}-${process.pid}-${new URL(this.#url).port}`,
        password: PASSWORD,
      }),
    });
    if (!response.ok) throw new Error(`Signing up was answered with ${response.status}`);
    return ((await response.json()) as SignedIn).accessToken;
  }
}
