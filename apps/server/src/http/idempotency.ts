/**
 * Idempotency keys: a write whose answer was lost is sent again with the same `Idempotency-Key`, and is answered
 * again, not done again (draft-ietf-httpapi-idempotency-key-header-07).
 *
 * The answer is kept before it is sent. Between the write and keeping its answer the server may be killed. Writes
 * that must not be done twice are safe from that in one of two ways, both of {@link KeyedRequest}:
 * `keptWrite` makes the write and its answer one transaction; `clientIdIn` names the edit of a text in the log,
 * where the owner of the document finds it again. Everything else here leaves the same behind when done twice.
 */
import type { ClientId } from '@concord/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { apiClientId } from '../documents/core/api-clients.ts';
import { Problem } from './problem.ts';
import type { Log } from '../platform/log.ts';
import type { BegunRequest, KeptWrite } from '../store/ports/account-store.ts';
import type { Answer, KeptAnswers } from './kept-answers.ts';
import type { Reservations } from './reservations.ts';

export const IDEMPOTENCY_HEADER = 'idempotency-key';
/** Visible characters of ASCII. Also in the API's description. */
export const IDEMPOTENCY_KEY_PATTERN = '^[\\x21-\\x7e]{1,255}$';
const keyPattern = new RegExp(IDEMPOTENCY_KEY_PATTERN);
const JSON_TYPE = 'application/json; charset=utf-8';
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
const writes = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/**
 * Their answers are cookies and access tokens, or they were asked with a password as the only content: none of it
 * is kept. A refresh has a rule of its own for lost answers (accounts/refresh.ts).
 */
const exempt =
  /^(POST \/api\/v1\/accounts|\S+ \/api\/v1\/sessions(\/.*)?|PUT \/api\/v1\/me\/password|DELETE \/api\/v1\/me)$/;

/** @param url of the route */
export function takesIdempotencyKey(method: string, url: string): boolean {
  return writes.has(method) && !exempt.test(`${method} ${url}`);
}

/** What of an answer is kept besides its body; never a cookie. */
const keptHeaders = ['content-type', 'location', 'etag', 'concord-version', 'cache-control'];

/** Told who asks, so that a key is one person's. */
export type UserIdOf = (request: FastifyRequest) => Promise<string | null>;

/** A request with an idempotency key that is being done. */
export interface KeyedRequest {
  /** A client id for the edit of this request in this document: the same when the request is sent again. */
  readonly clientIdIn: (documentId: string) => ClientId;
  /** For a write of the store that keeps this as the answer in the same transaction. */
  readonly keptWrite: (answer: EarlyAnswer) => KeptWrite;
}

/** An answer that is known before the write it tells of. */
export interface EarlyAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; left out for an answer without a body. */
  readonly body?: unknown;
}

interface Pending {
  readonly key: string;
  readonly begun: BegunRequest;
}

const keyedRequests = new WeakMap<object, KeyedRequest>();

/** Null for a request without an idempotency key. */
export function keyedRequest(request: object): KeyedRequest | null {
  return keyedRequests.get(request) ?? null;
}

/** What a write of the store keeps of its request, whose answer is known before; null without an idempotency key. */
export function keptWrite(request: object, answer: EarlyAnswer): KeptWrite | null {
  return keyedRequest(request)?.keptWrite(answer) ?? null;
}

/** Adds the hooks to every route that is registered on the instance from now on. */
export function addIdempotency(
  app: FastifyInstance,
  options: {
    readonly keptAnswers: KeptAnswers;
    readonly userIdOf: UserIdOf;
    readonly log: Log;
    readonly reservations: Reservations;
  },
): void {
  const { keptAnswers, userIdOf, log, reservations } = options;
  const pending = new WeakMap<FastifyRequest, Pending>();

  app.addHook('preHandler', async (request, reply) => {
    const header = keyOf(request);
    if (header === null) return;
    const userId = await userIdOf(request);
    if (userId === null) throw needsIdentity();
    const key = keptAnswers.hash(userId, header);
    const requestHash = hashOf(keptAnswers, request);
    const other = await reservations.reserve(key, requestHash);
    if (other !== null) throw other === requestHash ? inUse() : reused();
    try {
      const kept = await keptAnswers.get(key);
      if (kept !== null) {
        if (kept.requestHash !== requestHash) throw reused();
        await reservations.release(key);
        return again(reply, kept.answer);
      }
      const begun = await keptAnswers.begin(key, requestHash);
      if (begun.requestHash !== requestHash) throw reused();
      pending.set(request, { key, begun });
      keyedRequests.set(request, keyed(keptAnswers, key, begun));
    } catch (error) {
      await reservations.release(key);
      throw error;
    }
  });

  app.addHook('onSend', async (request, reply, payload: unknown) => {
    const known = pending.get(request);
    if (known === undefined) return payload;
    pending.delete(request);
    try {
      // An answer that says when to come again is not the last word.
      if (isKept(reply.statusCode) && !reply.hasHeader('retry-after')) {
        await keptAnswers.put(known.key, known.begun, answerOf(reply, payload));
      }
    } catch (error) {
      // It was done; that its answer is not kept must not make it look as if it were not.
      log.error({ err: error }, 'keeping an answer failed');
    } finally {
      await reservations.release(known.key);
    }
    return payload;
  });
}

function keyed(keptAnswers: KeptAnswers, key: string, begun: BegunRequest): KeyedRequest {
  return {
    // With the time it was begun: a day later the same key is for another edit.
    clientIdIn: (documentId) =>
      apiClientId(base32(keptAnswers.hash(key, String(begun.at), documentId))),
    keptWrite: ({ status, headers = {}, body }) =>
      keptAnswers.keptWrite(key, begun, {
        status,
        headers: body === undefined ? headers : { 'content-type': JSON_TYPE, ...headers },
        body: body === undefined ? '' : JSON.stringify(body),
      }),
  };
}

/** @param hex at least 130 bits */
function base32(hex: string): string {
  const digits = BigInt(`0x${hex.slice(0, 33)}`)
    .toString(32)
    .padStart(26, '0')
    .slice(-26);
  return digits.replace(/[0-9a-v]/g, (digit) => BASE32[parseInt(digit, 32)] ?? 'a');
}

function keyOf(request: FastifyRequest): string | null {
  const header = request.headers[IDEMPOTENCY_HEADER];
  if (header === undefined) return null;
  if (!takesIdempotencyKey(request.method, request.routeOptions.url ?? '')) return null;
  if (typeof header === 'string' && keyPattern.test(header)) return header;
  const detail = 'The Idempotency-Key must have 1 to 255 visible characters of ASCII.';
  throw new Problem(400, 'invalidIdempotencyKey', 'Bad request', detail);
}

/** Of everything that decides what is done. Passwords are left out: a hash of them would be a place to guess at. */
function hashOf(keptAnswers: KeptAnswers, request: FastifyRequest): string {
  const { method, url, headers, body } = request;
  const content =
    JSON.stringify(body, (name, value: unknown) => (name === 'password' ? '' : value)) ?? '';
  return keptAnswers.hash(method, url, headers['if-match'] ?? '', content);
}

/** Whether asking again would be answered the same. Not so when time or a new proof of identity may change it. */
function isKept(status: number): boolean {
  return status < 500 && status !== 401 && status !== 429;
}

function answerOf(reply: FastifyReply, payload: unknown): Answer {
  const headers = keptHeaders.flatMap((name) => {
    const value = reply.getHeader(name);
    return value === undefined ? [] : [[name, String(value)] as const];
  });
  const body = typeof payload === 'string' ? payload : '';
  return { status: reply.statusCode, headers: Object.fromEntries(headers), body };
}

function again(reply: FastifyReply, { status, headers, body }: Answer): FastifyReply {
  void reply.code(status).headers(headers);
  return body === '' ? reply.send() : reply.serializer(String).send(body);
}

function needsIdentity(): Problem {
  const detail = 'An Idempotency-Key needs a known caller: send a token, or the cookie of a guest.';
  return new Problem(401, 'identityNeeded', 'Not signed in', detail, {
    'www-authenticate': 'Bearer',
  });
}

function inUse(): Problem {
  const detail = 'The first request with this Idempotency-Key is still under way: ask again soon.';
  return new Problem(409, 'idempotencyKeyInUse', 'Under way', detail, { 'retry-after': '1' });
}

function reused(): Problem {
  const detail =
    'This Idempotency-Key was used for another request. Nothing was changed; use a new key.';
  return new Problem(422, 'idempotencyKeyReused', 'Used before', detail);
}
