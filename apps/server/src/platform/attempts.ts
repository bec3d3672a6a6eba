/**
 * Limits for everything that checks a secret: token buckets of the login at this address, and of the address. A
 * successful attempt refunds its tokens.
 *
 * An attacker cannot lock a person out. Many wrong tries for one login, from any number of addresses, never refuse the
 * person: while the attack lasts, they only make the bucket of each new address smaller for this login. Addresses from
 * which the right secret was given keep theirs, and a known device (known-devices.ts) has a bucket of its own even at an
 * address whose bucket is empty. A login is what was typed, whether an account has it or not, so that a refusal does not
 * reveal which logins exist. The state is behind ports (limits/limit-state.ts)
 * and bounded; where it is in memory a restart resets it, which costs no guesses worth having.
 */
import { DomainError } from './domain-error.ts';
import { networkOf } from './ip-network.ts';
import { tokenInMs, type Bucket, type BucketRule } from './limits/buckets.ts';
import type { LimitState } from './limits/limit-state.ts';

interface AttemptRules {
  readonly subjectAtAddress?: BucketRule;
  /** Of all addresses together: while it is empty, `whileAttacked` counts at each place too. */
  readonly subject?: BucketRule;
  readonly whileAttacked?: BucketRule;
  readonly address: BucketRule;
}

const MINUTE_MS = 60_000;

const guessing: Required<AttemptRules> = {
  // More than a person mistypes in a row; at this refill a day of guessing is 1,450 passwords.
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
  /** The current password, asked of a person who is signed in. */
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

export interface Attempt {
  /** The secret was right. Never rejects. */
  succeeded(): Promise<void>;
  /** It was not checked after all. Never rejects. */
  undone(): Promise<void>;
}

export interface AttemptPlace {
  /** Whose secret: a login as it was typed, a link's id. */
  readonly subject?: string;
  /** Of the request, never of a header that the sender can write. */
  readonly address: string;
  /** A known one of this subject: it alone counts then. */
  readonly device?: string | null;
}

export type AttemptErrorCode = 'tooManyAttempts';

export class TooManyAttemptsError extends DomainError<AttemptErrorCode> {}

export class Attempts {
  readonly #state: Pick<LimitState, 'attempts' | 'provenPlaces'>;

  constructor(state: Pick<LimitState, 'attempts' | 'provenPlaces'>) {
    this.#state = state;
  }

  /** Before a secret is checked. Rejects with {@link TooManyAttemptsError}, or StoreError. */
  async begin(kind: AttemptKind, where: AttemptPlace): Promise<Attempt> {
    const { attempts, provenPlaces } = this.#state;
    const place = `${kind} ${networkOf(where.address)} ${where.subject ?? ''}`;
    const { buckets, waitMs } = await this.#take(kind, where, place);
    if (waitMs > 0) throw tooManyAttempts(waitMs);
    return {
      undone: () => attempts.refund(buckets),
      succeeded: async () => {
        await Promise.all([attempts.refund(buckets), provenPlaces.add(place)]);
      },
    };
  }

  async #take(kind: AttemptKind, where: AttemptPlace, place: string): Promise<TakenFrom> {
    const { attempts, provenPlaces } = this.#state;
    const { subject = '', address, device = null } = where;
    const {
      subjectAtAddress,
      subject: ofSubject,
      whileAttacked,
      ...rule
    }: AttemptRules = rules[kind];
    if (device !== null && subjectAtAddress !== undefined) {
      return this.#from([{ key: `device ${kind} ${device}`, rule: subjectAtAddress }]);
    }
    const here: Bucket[] = [{ key: `address ${kind} ${networkOf(address)}`, rule: rule.address }];
    if (subjectAtAddress !== undefined) here.push({ key: place, rule: subjectAtAddress });
    if (ofSubject === undefined || (await provenPlaces.has(place))) return this.#from(here);
    const subjectBucket = { key: `subject ${kind} ${subject}`, rule: ofSubject };
    const { waitMs, fullInMs } = await attempts.take([subjectBucket, ...here]);
    // What others took refuses no one: while it lasts, each place has a smaller bucket as well.
    const isAttacked = waitMs > 0 && tokenInMs(ofSubject, fullInMs[0] ?? 0) > 0;
    if (!isAttacked) return { buckets: [subjectBucket, ...here], waitMs };
    if (whileAttacked !== undefined) here.push({ key: `attacked ${place}`, rule: whileAttacked });
    return this.#from(here);
  }

  async #from(buckets: readonly Bucket[]): Promise<TakenFrom> {
    const { waitMs } = await this.#state.attempts.take(buckets);
    return { buckets, waitMs };
  }
}

interface TakenFrom {
  readonly buckets: readonly Bucket[];
  /** When it is not 0, nothing was taken. */
  readonly waitMs: number;
}

function tooManyAttempts(waitMs: number): TooManyAttemptsError {
  const seconds = Math.ceil(waitMs / 1_000);
  const detail = `There were too many attempts. Try again in ${seconds === 1 ? 'a second' : `${seconds} seconds`}.`;
  return new TooManyAttemptsError('tooManyAttempts', detail, { retryAfterSeconds: seconds });
}
