/**
 * How much one may ask of the REST API: a token bucket for each account, and for each address of people without
 * one (guests cost nothing to become). Told in the headers of draft-ietf-httpapi-ratelimit-headers-10.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { networkOf } from '../platform/ip-network.ts';
import type { Principal } from '../access/principal.ts';
import type { LimitState } from '../platform/limits/limit-state.ts';
import { Problem } from './problem.ts';

export const ratePolicies = ['reads', 'writes', 'search', 'creating'] as const;
export type RatePolicy = (typeof ratePolicies)[number];

/** Parts of the requests per minute: what costs more, or leaves something behind, has less. */
const shares: Readonly<Record<RatePolicy, number>> = {
  reads: 1,
  writes: 1 / 2,
  search: 1 / 5,
  // What may be kept is bounded by quotas (documents/quotas/quotas.ts): a person who imports some hundred files is let in.
  creating: 1 / 4,
};
const WINDOW_SECONDS = 60;

/** Counted for all servers together; each server counts the others for itself. */
const costly: ReadonlySet<RatePolicy> = new Set(['search', 'creating']);

export interface Taken {
  readonly isAllowed: boolean;
  /** Of the answer, whatever it is. */
  readonly headers: Readonly<Record<string, string>>;
  /** Until a request is allowed again; 0 when this one is. */
  readonly waitSeconds: number;
}

export class RateLimits {
  readonly #perMinute: number;
  readonly #state: Pick<LimitState, 'requests' | 'costlyRequests'>;

  constructor({
    perMinute,
    limitState,
  }: {
    readonly perMinute: number;
    readonly limitState: Pick<LimitState, 'requests' | 'costlyRequests'>;
  }) {
    this.#perMinute = perMinute;
    this.#state = limitState;
  }

  /**
   * Takes one request out of a bucket. Rejects with StoreError.
   * @param times how many times as much as one person's it holds
   */
  async take(policy: RatePolicy, who: string, times = 1): Promise<Taken> {
    const quota = Math.max(1, Math.floor(this.#perMinute * shares[policy] * times));
    const refillMs = (WINDOW_SECONDS * 1_000) / quota;
    const bucket = { key: `${policy} ${who}`, rule: { burst: quota, refillMs } };
    const { requests, costlyRequests } = this.#state;
    const buckets = costly.has(policy) ? costlyRequests : requests;
    const { waitMs, fullInMs } = await buckets.take([bucket]);
    const [fullMs = 0] = fullInMs;
    const isAllowed = waitMs === 0;
    // Rounded, because a sum of refills need not be exact.
    const remaining = isAllowed ? Math.floor(quota - fullMs / refillMs + 0.01) : 0;
    return {
      isAllowed,
      headers: {
        'ratelimit-policy': `"${policy}";q=${quota};w=${WINDOW_SECONDS}`,
        ratelimit: `"${policy}";r=${remaining};t=${Math.ceil(fullMs / 1_000)}`,
      },
      waitSeconds: Math.ceil(waitMs / 1_000),
    };
  }
}

/** Whose bucket a request is taken from. */
export function bucketOwner(principal: Principal, address: string): string {
  const hasAccount = principal.kind === 'account' || principal.kind === 'apiToken';
  return hasAccount ? `user ${principal.userId}` : `address ${networkOf(address)}`;
}

/** Routes in the class `creating`: they create something, or reveal whether an account exists. */
const creating = new Set([
  '/api/v1/documents',
  '/api/v1/documents/:id/people',
  '/api/v1/documents/:id/links',
  '/api/v1/links/open',
  '/api/v1/accounts',
  '/api/v1/tokens',
  '/api/v1/invitations',
]);

export function ratePolicyOf(
  request: Pick<FastifyRequest, 'method' | 'query'> & {
    readonly routeOptions: { readonly url?: string | undefined };
  },
): RatePolicy {
  const { url = '' } = request.routeOptions;
  if (request.method === 'GET' || request.method === 'HEAD') {
    const { q } = request.query as { readonly q?: unknown };
    return url === '/api/v1/documents' && q !== undefined ? 'search' : 'reads';
  }
  // Creating with an id of one's own is creating.
  if (request.method === 'PUT' && url === '/api/v1/documents/:id') return 'creating';
  return request.method === 'POST' && creating.has(url) ? 'creating' : 'writes';
}

/** What all accounts of one network may ask together: an office or a class, not one person with many accounts. */
export const NETWORK_TIMES = 10;

/**
 * Counts for the account and, wider, for its network; without an account for the network alone. Rejects with a
 * {@link Problem} 429 `rateLimited`, or StoreError; tells the state of the own bucket otherwise.
 */
export async function countRequest(
  limits: RateLimits,
  policy: RatePolicy,
  asker: { readonly principal: Principal; readonly address: string },
  reply: Pick<FastifyReply, 'headers'>,
): Promise<void> {
  const { principal, address } = asker;
  const own = await limits.take(policy, bucketOwner(principal, address));
  void reply.headers(own.headers);
  const hasAccount = principal.kind === 'account' || principal.kind === 'apiToken';
  const wide =
    own.isAllowed && hasAccount
      ? await limits.take(policy, `network ${networkOf(address)}`, NETWORK_TIMES)
      : own;
  if (wide.isAllowed) return;
  const { waitSeconds } = wide;
  const wait = waitSeconds === 1 ? 'a second' : `${waitSeconds} seconds`;
  const detail = `These are too many requests. Nothing was changed; try again in ${wait}.`;
  throw new Problem(429, 'rateLimited', 'Too many requests', detail, {
    'retry-after': String(waitSeconds),
  });
}
