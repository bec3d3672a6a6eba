/**
 * Limits for everything that checks a secret: token buckets of the login at this address, and of the address. A right
 * secret refunds its tokens.
 *
 * Nobody can lock a person out. Many wrong tries for one login, from wherever, never refuse the person: they only make
 * the bucket of each new address smaller for this login, while it lasts. Places where the right secret was given keep
 * theirs, and a known device (known-devices.ts) has a bucket of its own even at an address that others emptied. A login
 * is what was typed, known or not, so that the limits tell nothing. All of it is in memory and bounded: a restart
 * forgives, and costs no guesses worth having.
 */
import { DomainError } from './domain-error.ts';
import { networkOf } from './ip-network.ts';

interface BucketRule {
  /** Tries at once. */
  readonly burst: number;
  /** Milliseconds until one more. */
  readonly refillMs: number;
}

interface AttemptRules {
  readonly subjectAtAddress?: BucketRule;
  /** Of all addresses together: while it is empty, `whileAttacked` counts at each place too. */
  readonly subject?: BucketRule;
  readonly whileAttacked?: BucketRule;
  readonly address: BucketRule;
}

const MINUTE_MS = 60_000;

const guessing: Required<AttemptRules> = {
  // Nobody mistypes more often in a row; a day of guessing is then 1,450 passwords.
  subjectAtAddress: { burst: 10, refillMs: MINUTE_MS },
  // From many addresses together.
  subject: { burst: 50, refillMs: 10_000 },
  // Enough for the person to mistype once or twice; an attacker needs an address for every six guesses an hour.
  whileAttacked: { burst: 3, refillMs: 10 * MINUTE_MS },
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
  /** Accounts that were made without an invitation: what accounts may do is not multiplied by making more of them. */
  registration: { address: { burst: 100, refillMs: 15 * MINUTE_MS } },
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

export type AttemptErrorCode = 'tooManyAttempts';

export class TooManyAttemptsError extends DomainError<AttemptErrorCode> {}

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
   * Before a secret is checked. Throws {@link TooManyAttemptsError}.
   * @param subject whose secret: a login as it was typed, a link's id
   * @param address of the request, never of a header that anybody can write
   * @param device a known one of this subject: it alone counts then
   */
  begin(
    kind: AttemptKind,
    {
      subject = '',
      address,
      device = null,
    }: { readonly subject?: string; readonly address: string; readonly device?: string | null },
  ): Attempt {
    const place = `${kind} ${networkOf(address)} ${subject}`;
    const now = this.#now();
    const buckets = this.#bucketsOf(kind, { subject, address, device, place, now });
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

  #bucketsOf(
    kind: AttemptKind,
    where: {
      readonly subject: string;
      readonly address: string;
      readonly device: string | null;
      readonly place: string;
      readonly now: number;
    },
  ): readonly (readonly [key: string, rule: BucketRule])[] {
    const rule: AttemptRules = rules[kind];
    const { subject, address, device, place, now } = where;
    if (device !== null && rule.subjectAtAddress !== undefined) {
      return [[`device ${kind} ${device}`, rule.subjectAtAddress]];
    }
    const buckets: [key: string, rule: BucketRule][] = [
      [`address ${kind} ${networkOf(address)}`, rule.address],
    ];
    if (rule.subjectAtAddress !== undefined) buckets.push([place, rule.subjectAtAddress]);
    if (rule.subject === undefined || this.#proven.has(place)) return buckets;
    const ofSubject = `subject ${kind} ${subject}`;
    const isAttacked = this.#waitMs(ofSubject, rule.subject, now) > 0;
    if (!isAttacked) buckets.push([ofSubject, rule.subject]);
    else if (rule.whileAttacked !== undefined) {
      buckets.push([`attacked ${place}`, rule.whileAttacked]);
    }
    return buckets;
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

function tooManyAttempts(waitMs: number): TooManyAttemptsError {
  const seconds = Math.ceil(waitMs / 1_000);
  const detail = `There were too many attempts. Try again in ${seconds === 1 ? 'a second' : `${seconds} seconds`}.`;
  return new TooManyAttemptsError('tooManyAttempts', detail, { retryAfterSeconds: seconds });
}
