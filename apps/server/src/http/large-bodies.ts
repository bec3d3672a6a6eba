/**
 * Budget of bytes for large request bodies in progress. A text must be accepted in the form in which it was returned,
 * so that a body may be as long as the longest document; all together have a budget, and one owner a share of it.
 */
import type { Limits } from '@concord/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from './problem.ts';

/** Bodies up to this size do not count: rate limits bound their number. */
export const USUAL_BODY_BYTES = 1024 * 1024;
/** UTF-8 takes up to four bytes for a code point. */
const BYTES_PER_CODE_POINT = 4;
/** As JSON, six for a control character: what JSON.stringify writes. */
const JSON_BYTES_PER_CODE_POINT = 6;
/** The other fields of a document that is created. */
const OTHER_FIELDS_BYTES = 64 * 1024;
/** The budget, in longest texts. */
const LONGEST_TOGETHER = 8;
const LONGEST_OF_ONE = 2;

type TextLimits = Pick<Limits, 'documentCodePoints'>;

/** Bytes of the longest text, with a byte order mark. */
export function textBodyBytes({ documentCodePoints }: TextLimits): number {
  return Math.max(USUAL_BODY_BYTES, documentCodePoints * BYTES_PER_CODE_POINT + 3);
}

/** Bytes of the longest document as JSON. */
export function jsonBodyBytes({ documentCodePoints }: TextLimits): number {
  const bytes = documentCodePoints * JSON_BYTES_PER_CODE_POINT + OTHER_FIELDS_BYTES;
  return Math.max(USUAL_BODY_BYTES, bytes);
}

/** A counting semaphore of bytes, with a bound per owner. */
export class ByteBudget {
  readonly #total: number;
  readonly #perOwner: number;
  readonly #taken = new Map<string, number>();
  #takenTotal = 0;

  constructor(total: number, perOwner: number) {
    this.#total = total;
    this.#perOwner = perOwner;
  }

  /**
   * Returns the function that releases the bytes, or whose bound is exceeded: that of the owner or of all. An owner
   * without bytes may take any number that is left.
   */
  take(owner: string, bytes: number): (() => void) | 'owner' | 'all' {
    const own = this.#taken.get(owner) ?? 0;
    if (own > 0 && own + bytes > this.#perOwner) return 'owner';
    if (this.#takenTotal > 0 && this.#takenTotal + bytes > this.#total) return 'all';
    this.#add(owner, bytes);
    let isGivenBack = false;
    return () => {
      if (isGivenBack) return;
      isGivenBack = true;
      this.#add(owner, -bytes);
    };
  }

  /** Number of owners with bytes; others are forgotten. */
  get owners(): number {
    return this.#taken.size;
  }

  #add(owner: string, bytes: number): void {
    const own = (this.#taken.get(owner) ?? 0) + bytes;
    if (own === 0) this.#taken.delete(owner);
    else this.#taken.set(owner, own);
    this.#takenTotal += bytes;
  }
}

/**
 * Counts the bodies of all routes of the instance that are longer than usual, or may become so.
 * @param ownerOf the owner whom a request counts for
 */
export function boundLargeBodies(
  app: FastifyInstance,
  limits: TextLimits,
  ownerOf: (request: FastifyRequest) => Promise<string>,
): void {
  const longest = jsonBodyBytes(limits);
  const budget = new ByteBudget(LONGEST_TOGETHER * longest, LONGEST_OF_ONE * longest);
  app.addHook('preParsing', async (request, reply, payload) => {
    const bytes = expectedBytes(request);
    if (bytes <= USUAL_BODY_BYTES) return payload;
    const taken = budget.take(await ownerOf(request), bytes);
    if (typeof taken === 'string') throw tooMuch(taken);
    // Answered, or aborted by either side.
    if (reply.raw.destroyed) taken();
    else reply.raw.once('close', taken);
    return payload;
  });
}

/** A body that does not say how long it is may become as long as the route allows. */
function expectedBytes({ headers, routeOptions }: FastifyRequest): number {
  if (headers['transfer-encoding'] !== undefined) return routeOptions.bodyLimit ?? 0;
  // A longer one than the route allows is refused before it is read.
  return Math.min(Number(headers['content-length'] ?? 0), routeOptions.bodyLimit ?? Infinity);
}

function tooMuch(whose: 'owner' | 'all'): Problem {
  const headers = { 'retry-after': '5' };
  if (whose === 'all') {
    const detail = 'The server is busy. Nothing was changed; try again in a moment.';
    return new Problem(503, 'busy', 'Busy', detail, headers);
  }
  const detail =
    'Several of your long texts are on their way already. Nothing was changed; send this one when they are answered.';
  return new Problem(429, 'tooManyLargeBodies', 'Too many at once', detail, headers);
}
