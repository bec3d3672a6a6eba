/** API tokens, the credentials of programs of an account. */
import {
  apiTokensSchema,
  createApiTokenSchema,
  createdApiTokenSchema,
  type ApiToken,
  type CreatedApiToken,
} from '@concord/protocol';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { AddedToken } from '../accounts/api-tokens.ts';
import type { ApiTokenRecord } from '../store/ports/account-store.ts';
import type { ApiContext } from './context.ts';
import { keptWrite } from '../http/idempotency.ts';
import { invalidBody } from '../http/validation.ts';
import { requireAccount } from '../http/principal-of-request.ts';
import { noStore } from './signed-in-reply.ts';

export function registerTokenRoutes(app: FastifyInstance, context: ApiContext): void {
  const { apiTokens } = context.services;
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
      const tokens = await apiTokens.listOf(userId);
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
      const { label, scopes, expiresAt = null, password } = request.body;
      if (expiresAt !== null && expiresAt <= Date.now()) {
        throw invalidBody('expiresAt', 'must be in the future');
      }
      const added = await apiTokens.create(
        { principal, address: request.ip, password },
        { label, scopes, expiresAt },
        (wanted) => keptWrite(request, answerOf(wanted)),
      );
      const { status, headers, body } = answerOf(added);
      void reply.code(status).headers(headers);
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
      await apiTokens.remove(userId, request.params.id, () => keptWrite(request, { status: 204 }));
      return reply.code(204).send();
    },
  });
}

function answerOf({ record, token }: AddedToken): {
  status: 201;
  headers: Record<string, string>;
  body: CreatedApiToken;
} {
  const location = `/api/v1/tokens/${record.id}`;
  return { status: 201, headers: { location }, body: { ...resourceOf(record), token } };
}

function resourceOf(record: ApiTokenRecord): ApiToken {
  const { id, label, scopes, createdAt, lastUsedAt, expiresAt } = record;
  return { id, label, scopes: [...scopes], createdAt, lastUsedAt, expiresAt };
}
