/**
 * The access token of this page: in memory only, renewed by the refresh token in an HTTP-only cookie. A network failure
 * never signs the person out; only a response of the server does.
 *
 *   guest ──signed in──▶ valid ──a minute before its end──▶ refreshing ──▶ valid
 *     ▲                                                        │  └─ no network: retried by the next caller
 *     └───────────── the server ends the session ──────────────┘
 */

/** Result of a refresh. */
export type RefreshAnswer =
  | { readonly kind: 'token'; readonly token: string; readonly livesMs: number }
  | { readonly kind: 'signedOut' };

export interface RefreshPorts {
  /** Requests a token under the attempt's id. Rejects without a response, or with an inconclusive one. */
  exchange(attempt: string): Promise<RefreshAnswer>;
  /** Shared by all tabs of this browser and persistent: `localStorage`. */
  readonly memory: {
    get(key: string): string | null;
    set(key: string, value: string): void;
    remove(key: string): void;
  };
  /** Runs as a mutex over all tabs, if the browser has Web Locks. */
  exclusively<T>(run: () => Promise<T>): Promise<T>;
  newAttempt(): string;
  /** Milliseconds of a monotonic clock, independent of changes of the time of day. */
  now(): number;
  setTimer(run: () => void, ms: number): () => void;
}

/** Set while there may be a session; without it, guests do not request a token on every page. */
export const SESSION_FLAG = 'concord.session';
/**
 * Id of the pending refresh, shared by all tabs until a response arrives: after a lost response the server recognizes
 * by it that the former refresh token is presented by the same browser, not by a thief.
 */
export const ATTEMPT = 'concord.attempt';
const RENEW_BEFORE_MS = 60_000;
/** A token with a short lifetime is renewed in this last part of it. */
const RENEW_BEFORE_PART = 0.25;
/** A token that expires within this time is not sent. */
const LEEWAY_MS = 5_000;
/** A token refused as expired within this time of its issue is kept: the server's own clock jumps. */
const REFUSED_AGAIN_MS = 10_000;

export class AccessToken {
  readonly #ports: RefreshPorts;
  /** `until` is a time of the monotonic clock: the lifetime is counted from the token's arrival. */
  #valid: { readonly token: string; readonly since: number; readonly until: number } | null = null;
  #refreshing: Promise<string | null> | null = null;
  #stopTimer: (() => void) | null = null;
  readonly #listeners = new Set<(token: string | null) => void>();
  #ended: (() => void) | null = null;

  constructor(ports: RefreshPorts) {
    this.#ports = ports;
  }

  /** Whether a person signed in in this browser and has not signed out since, as far as it knows. */
  get mayBeSignedIn(): boolean {
    return this.#ports.memory.get(SESSION_FLAG) !== null;
  }

  /** A valid token; null for a guest. Rejects if the refresh fails. */
  readonly token = (): Promise<string | null> => {
    if (!this.mayBeSignedIn) return Promise.resolve(null);
    const valid = this.#valid;
    if (valid !== null && valid.until - this.#ports.now() > LEEWAY_MS) {
      return Promise.resolve(valid.token);
    }
    return this.refresh();
  };

  /** Called with every new token, and with null on signing out. Returns the unsubscribe function. */
  readonly subscribe = (listener: (token: string | null) => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** Sets the callback for a session ended by the server, whether this page had a token or not. */
  onEnded(ended: () => void): void {
    this.#ended = ended;
  }

  /** Stores the token of a sign-in. */
  signedIn(token: string, livesMs: number): void {
    this.#ports.memory.set(SESSION_FLAG, '1');
    this.#ports.memory.remove(ATTEMPT);
    this.#take({ token, livesMs });
  }

  /**
   * Reports that the server refused the present token as expired: the device was suspended, or a clock jumped. The next
   * caller gets a new token, unless this one was issued within REFUSED_AGAIN_MS.
   */
  readonly expired = (): void => {
    const valid = this.#valid;
    if (valid !== null && this.#ports.now() - valid.since > REFUSED_AGAIN_MS) this.#valid = null;
  };

  signedOut(): void {
    this.#ports.memory.remove(SESSION_FLAG);
    this.#ports.memory.remove(ATTEMPT);
    this.#take(null);
  }

  /** Requests a new token, whether or not the present one is valid; concurrent calls share one request. */
  refresh(): Promise<string | null> {
    this.#refreshing ??= this.#refresh().finally(() => (this.#refreshing = null));
    return this.#refreshing;
  }

  #refresh(): Promise<string | null> {
    const { memory } = this.#ports;
    return this.#ports.exclusively(async () => {
      const attempt = memory.get(ATTEMPT) ?? this.#ports.newAttempt();
      memory.set(ATTEMPT, attempt);
      const answer = await this.#ports.exchange(attempt);
      memory.remove(ATTEMPT);
      if (answer.kind === 'signedOut') {
        this.#ended?.();
        this.signedOut();
        return null;
      }
      this.#take(answer);
      return answer.token;
    });
  }

  #take(given: { readonly token: string; readonly livesMs: number } | null): void {
    const wasToken = this.#valid?.token ?? null;
    const now = this.#ports.now();
    const valid = given && { token: given.token, since: now, until: now + given.livesMs };
    this.#valid = valid;
    this.#stopTimer?.();
    this.#stopTimer = null;
    if (given !== null) {
      const before = Math.min(RENEW_BEFORE_MS, given.livesMs * RENEW_BEFORE_PART);
      const ms = Math.max(LEEWAY_MS, given.livesMs - before);
      // A failed refresh is retried by the next caller of `token`.
      this.#stopTimer = this.#ports.setTimer(() => void this.refresh().catch(() => undefined), ms);
    }
    if (wasToken === (valid?.token ?? null)) return;
    for (const listener of [...this.#listeners]) listener(valid?.token ?? null);
  }
}
