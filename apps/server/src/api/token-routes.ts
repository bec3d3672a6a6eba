/** API tokens: what an account gives to its programs. */
import {
  apiTokensSchema,
  createApiTokenSchema,
  createdApiTokenSchema,
  randomId,
  type ApiToken,
} from '@concord/protocol';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { newApiToken } from '../accounts/authenticator.ts';
import { tokenHash } from '../accounts/secrets.ts';
import { Problem } from '../http/problem.ts';
import type { ApiTokenRecord } from '../store/ports/account-store.ts';
import type { ApiContext } from './context.ts';
import { storeAnswering } from '../http/idempotency.ts';
import { requireRecentProof } from './own-password.ts';
import { requireAccount } from '../http/principal-of-request.ts';
import { noStore } from './signed-in-reply.ts';

/** More are a sign of tokens that nobody takes back. */
const TOKENS_MAX = 100;

export function registerTokenRoutes(app: FastifyInstance, context: ApiContext): void {
  const { store, events } = context;
  const typed = app.withTypeProvider<ZodTypeProvider>();

  typed.route({
    method: 'GET',
    url: '/api/v1/tokens',
    onRequest: noStore,
    schema: {
      summary: 'List API tokens',
      tags: ['API tokens'],
      security: [{ bearer: [] }],
      response: { 200: apiTokensSchema },
    },
    handler: async (request) => {
      const { userId } = await requireAccount(context, request, 'account');
      const tokens = await store.apiTokens.listOf(userId);
      return { tokens: tokens.map(resourceOf) };
    },
  });

  typed.route({
    method: 'POST',
    url: '/api/v1/tokens',
    onRequest: noStore,
    schema: {
      summary: 'Make an API token',
      description:
        'The answer is the only place where the token can be read. Needs `password` unless it was proved in this session within ten minutes and not changed since: 403 `passwordNeeded` asks for it.',
      tags: ['API tokens'],
      security: [{ bearer: [] }],
      body: createApiTokenSchema,
      response: { 201: createdApiTokenSchema },
    },
    handler: async (request, reply) => {
      const principal = await requireAccount(context, request);
      const { userId } = principal;
      const { label, scopes, expiresAt = null, password } = request.body;
      await requireRecentProof(context, request, principal, password);
      const now = Date.now();
      if (expiresAt !== null && expiresAt <= now) {
        throw new Problem(400, 'invalidBody', 'Bad request', 'expiresAt must be in the future.');
      }
      if ((await store.apiTokens.listOf(userId)).length >= TOKENS_MAX) {
        const detail = `You have ${TOKENS_MAX} API tokens: delete one that is not used first.`;
        throw new Problem(409, 'tooManyTokens', 'Too many', detail);
      }
      const token = newApiToken();
      const record: ApiTokenRecord = {
        id: randomId(),
        userId,
        label,
        tokenHash: tokenHash(token),
        scopes: [...new Set(scopes)],
        createdAt: now,
        lastUsedAt: null,
        expiresAt,
      };
      const headers = { location: `/api/v1/tokens/${record.id}` };
      const body = { ...resourceOf(record), token };
      const answer = { status: 201, headers, body };
      await storeAnswering(store, request, answer).apiTokens.create(record);
      void reply.code(201).headers(headers);
      return body;
    },
  });

  typed.route({
    method: 'DELETE',
    url: '/api/v1/tokens/:id',
    onRequest: noStore,
    schema: {
      summary: 'Delete an API token',
      description: 'It is refused from now on, and its connections end.',
      tags: ['API tokens'],
      security: [{ bearer: [] }],
      params: z.strictObject({ id: z.string().max(100) }),
      response: { 204: z.undefined().describe('Deleted.') },
    },
    handler: async (request, reply) => {
      const { userId } = await requireAccount(context, request);
      const { id } = request.params;
      const { apiTokens } = storeAnswering(store, request, { status: 204 });
      if (!(await apiTokens.remove(userId, id))) {
        throw new Problem(404, 'notFound', 'Not found', 'You have no such API token.');
      }
      await events.publish({ type: 'apiTokenDeleted', userId, tokenId: id });
      return reply.code(204).send();
    },
  });
}

function resourceOf(record: ApiTokenRecord): ApiToken {
  const { id, label, scopes, createdAt, lastUsedAt, expiresAt } = record;
  return { id, label, scopes: [...scopes], createdAt, lastUsedAt, expiresAt };
}
