/**
 * The access token of this page: in memory alone, renewed by the refresh token in a cookie that scripts cannot
 * read. A network that fails never signs anybody out; only the server's word does.
 *
 *   guest ──signed in──▶ valid ──a minute before its end──▶ refreshing ──▶ valid
 *     ▲                                                        │  └─ no network: asked again when somebody needs it
 *     └───────────── the server says: signed out ──────────────┘
 */

/** What a refresh came to. */
export type RefreshAnswer =
  | { readonly kind: 'token'; readonly token: string; readonly livesMs: number }
  | { readonly kind: 'signedOut' };

export interface RefreshPorts {
  /** Asks the server, under the attempt's number. Rejects when there was no answer, or none that decides. */
  exchange(attempt: string): Promise<RefreshAnswer>;
  /** Kept for all tabs of this browser, past a reload: `localStorage`. */
  readonly memory: {
    get(key: string): string | null;
    set(key: string, value: string): void;
    remove(key: string): void;
  };
  /** One at a time over all tabs, where the browser can do that. */
  exclusively<T>(run: () => Promise<T>): Promise<T>;
  newAttempt(): string;
  /** Milliseconds of a monotonic clock: what people set as the time of day does not matter. */
  now(): number;
  setTimer(run: () => void, ms: number): () => void;
}

/** There may be a session: without this, guests would ask for one at every page. */
export const SESSION_FLAG = 'concord.session';
/**
 * Shared by all tabs until an answer has come: after a lost answer the server tells by it that the former token
 * is presented by the same browser, not by a thief.
 */
export const ATTEMPT = 'concord.attempt';
const RENEW_BEFORE_MS = 60_000;
/** Of a token that lives shorter than usual, the last quarter. */
const RENEW_BEFORE_PART = 0.25;
/** A token that is as good as over is not sent. */
const LEEWAY_MS = 5_000;
/** The server refused a token as expired so soon after it gave it: its own clock jumps. */
const REFUSED_AGAIN_MS = 10_000;

export class AccessToken {
  readonly #ports: RefreshPorts;
  /** Until when by the monotonic clock: the life of a token is counted from its arrival. */
  #valid: { readonly token: string; readonly since: number; readonly until: number } | null = null;
  #refreshing: Promise<string | null> | null = null;
  #stopTimer: (() => void) | null = null;
  readonly #listeners = new Set<(token: string | null) => void>();
  #ended: (() => void) | null = null;

  constructor(ports: RefreshPorts) {
    this.#ports = ports;
  }

  /** Whether somebody signed in here and was not signed out since, as far as this browser knows. */
  get mayBeSignedIn(): boolean {
    return this.#ports.memory.get(SESSION_FLAG) !== null;
  }

  /** A token that is good for now; null for a guest. Rejects when one is needed and cannot be had now. */
  readonly token = (): Promise<string | null> => {
    if (!this.mayBeSignedIn) return Promise.resolve(null);
    const valid = this.#valid;
    if (valid !== null && valid.until - this.#ports.now() > LEEWAY_MS) {
      return Promise.resolve(valid.token);
    }
    return this.refresh();
  };

  /** Told of every new token, and of null when one is signed out. Returns the function that stops it. */
  readonly subscribe = (listener: (token: string | null) => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** Called when the server says that the session is over, whether this page had a token or not. */
  onEnded(ended: () => void): void {
    this.#ended = ended;
  }

  /** A token that was given for a password, or by another way of signing in. */
  signedIn(token: string, livesMs: number): void {
    this.#ports.memory.set(SESSION_FLAG, '1');
    this.#ports.memory.remove(ATTEMPT);
    this.#take({ token, livesMs });
  }

  /**
   * The server refused the present token as expired: this device slept, or one of the clocks jumped. The next caller
   * gets a new one, once in a while.
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

  /** Asks for a new token, whatever the present one is. */
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
      // Without a network it is asked again when somebody needs a token.
      this.#stopTimer = this.#ports.setTimer(() => void this.refresh().catch(() => undefined), ms);
    }
    if (wasToken === (valid?.token ?? null)) return;
    for (const listener of [...this.#listeners]) listener(valid?.token ?? null);
  }
}
