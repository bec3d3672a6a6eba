/**
 * Limits for everything that checks a secret (security.md 7). Three buckets stand before each check: of the
 * login at this address, of the login, and of the address. A right secret gives its drops back.
 *
 * Nobody is locked out for ever: buckets fill again, and where the right secret was given before, the bucket
 * that others may have emptied from elsewhere is not asked. A login is what was typed, known or not, so that
 * the limits tell nothing. All of it is in memory and bounded: a restart forgives, and costs no guesses worth
 * having.
 */
import { isIPv6 } from 'node:net';
import { Problem } from '../gateway/problem.ts';

interface BucketRule {
  /** Tries at once. */
  readonly burst: number;
  /** Milliseconds until one more. */
  readonly refillMs: number;
}

interface AttemptRules {
  readonly subjectAtAddress?: BucketRule;
  readonly subject?: BucketRule;
  readonly address: BucketRule;
}

const MINUTE_MS = 60_000;

const guessing: Required<AttemptRules> = {
  // Nobody mistypes more often in a row; a day of guessing is then 1,450 passwords.
  subjectAtAddress: { burst: 10, refillMs: MINUTE_MS },
  // From many addresses together.
  subject: { burst: 50, refillMs: 10_000 },
  // Schools and offices share one, and only failures count.
  address: { burst: 50, refillMs: 10_000 },
};

const rules = {
  signIn: guessing,
  linkPassword: guessing,
  /** The current password, asked of somebody who is signed in. */
  ownPassword: guessing,
  /** Invitations are 128 random bits: this only keeps the store from work. */
  invitation: { address: { burst: 50, refillMs: 10_000 } },
  /** Of a link, by one who has not opened it: a school behind one router, and not one who makes up guests. */
  linkOpening: {
    subjectAtAddress: { burst: 300, refillMs: 10_000 },
    address: { burst: 1_000, refillMs: 5_000 },
  },
  /** To documents, by guests, who cost nothing to become. */
  guestInvitation: { address: { burst: 30, refillMs: 2 * MINUTE_MS } },
  /** Successes count as well: this is also how one asks which user names are taken. */
  signUp: { address: { burst: 100, refillMs: 10_000 } },
} as const satisfies Record<string, AttemptRules>;

export type AttemptKind = keyof typeof rules;

/** Buckets, and places where the right secret was given; beyond it, the longest untouched are forgotten. */
const ENTRIES_MAX = 20_000;

export interface Attempt {
  /** The secret was right. */
  succeeded(): void;
  /** It was not checked after all. */
  undone(): void;
}

export class Attempts {
  readonly #now: () => number;
  readonly #entriesMax: number;
  /** When each bucket will be full again; absent is full. Least recently touched first. */
  readonly #fullAt = new Map<string, number>();
  /** Subjects at addresses where they proved to be themselves. */
  readonly #proven = new Set<string>();

  constructor({ now = Date.now, entriesMax = ENTRIES_MAX } = {}) {
    this.#now = now;
    this.#entriesMax = entriesMax;
  }

  /**
   * Before a secret is checked. Throws a {@link Problem} 429 `tooManyAttempts`.
   * @param subject whose secret: a login as it was typed, a link's id
   * @param address of the request, never of a header that anybody can write
   */
  begin(
    kind: AttemptKind,
    { subject = '', address }: { readonly subject?: string; readonly address: string },
  ): Attempt {
    const network = networkOf(address);
    const rule: AttemptRules = rules[kind];
    const place = `${kind} ${network} ${subject}`;
    const buckets: [key: string, rule: BucketRule][] = [
      [`address ${kind} ${network}`, rule.address],
    ];
    if (rule.subjectAtAddress !== undefined) buckets.push([place, rule.subjectAtAddress]);
    if (rule.subject !== undefined && !this.#proven.has(place)) {
      buckets.push([`subject ${kind} ${subject}`, rule.subject]);
    }
    const now = this.#now();
    const waitMs = Math.max(...buckets.map(([key, bucket]) => this.#waitMs(key, bucket, now)));
    if (waitMs > 0) {
      // Used, though nothing is added: a flood of other logins must not make this one forgotten.
      for (const [key] of buckets) this.#add(key, 0, now);
      throw tooManyAttempts(waitMs);
    }
    for (const [key, { refillMs }] of buckets) this.#add(key, refillMs, now);
    const undone = (): void => {
      for (const [key, { refillMs }] of buckets) this.#add(key, -refillMs, this.#now());
    };
    return {
      undone,
      succeeded: () => {
        undone();
        this.#proven.delete(place);
        this.#proven.add(place);
        forgetOldest(this.#proven, this.#entriesMax);
      },
    };
  }

  /** For tests: what is kept in memory. */
  get size(): number {
    return this.#fullAt.size + this.#proven.size;
  }

  /** A bucket that will be full in n refills lacks n drops. */
  #waitMs(key: string, { burst, refillMs }: BucketRule, now: number): number {
    const missingMs = Math.max(0, (this.#fullAt.get(key) ?? now) - now);
    return Math.max(0, missingMs - (burst - 1) * refillMs);
  }

  #add(key: string, ms: number, now: number): void {
    const fullAt = Math.max(this.#fullAt.get(key) ?? now, now) + ms;
    this.#fullAt.delete(key);
    if (fullAt <= now) return;
    this.#fullAt.set(key, fullAt);
    forgetOldest(this.#fullAt, this.#entriesMax);
  }
}

function forgetOldest(entries: Map<string, number> | Set<string>, max: number): void {
  if (entries.size <= max) return;
  for (const key of entries.keys()) {
    entries.delete(key);
    if (entries.size <= max) return;
  }
}

/** One customer's addresses count as one: in IPv6 they are 2^64. IPv4 in IPv6's clothes is IPv4. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const withoutZone = address.replace(/%.*$/, '');
  if (!isIPv6(withoutZone)) return address;
  const [head = '', tail] = withoutZone.toLowerCase().split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  // A dotted IPv4 at the end stands for two groups; it is never in the first four of a routed address.
  const groups =
    tail === undefined
      ? front
      : [
          ...front,
          ...Array<string>(Math.max(0, 8 - front.length - back.length)).fill('0'),
          ...back,
        ];
  const prefix = groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ''));
  return `${prefix.join(':')}::/64`;
}

function tooManyAttempts(waitMs: number): Problem {
  const seconds = Math.ceil(waitMs / 1_000);
  const detail = `There were too many attempts. Try again in ${seconds === 1 ? 'a second' : `${seconds} seconds`}.`;
  return new Problem(429, 'tooManyAttempts', 'Too many attempts', detail, {
    'retry-after': String(seconds),
  });
}
