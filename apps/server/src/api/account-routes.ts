/** Accounts: sign-up; for administrators the list of accounts and changes to them. */
import {
  accountSchema,
  accountsSchema,
  changeAccountSchema,
  signedInSchema,
  signUpSchema,
  type Account,
} from '@concord/protocol';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { NamedAccount } from '../accounts/administration.ts';
import type { ApiContext } from './context.ts';
import { becomeNewGuest, principalOfRequest, requireAdmin } from '../http/principal-of-request.ts';
import { keepSignedIn, noStore, placeOf } from './signed-in-reply.ts';

const listAccountsQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().max(100).optional(),
});

export function registerAccountRoutes(app: FastifyInstance, context: ApiContext): void {
  const { config, services } = context;
  const { signUps, authSessions, administration } = services;
  const typed = app.withTypeProvider<ZodTypeProvider>();

  typed.route({
    method: 'POST',
    url: '/api/v1/accounts',
    onRequest: noStore,
    schema: {
      summary: 'Sign up',
      description:
        'Makes an account of the guest who asks, who keeps every document, and signs it in. The refresh token comes as a cookie.',
      tags: ['Accounts'],
      security: [{ guest: [] }, {}],
      body: signUpSchema,
      response: { 201: signedInSchema },
    },
    handler: async (request, reply) => {
      const principal = await principalOfRequest(context, request);
      const { userName, email = null, name = null, password, invitation = null } = request.body;
      const wanted = { userName, email, name, password, invitation };
      const account = await signUps.signUp(principal, request.ip, wanted);
      // The account took over the guest's user id, so that the guest's cookie proves nothing any more.
      becomeNewGuest(context, request, reply);
      const session = await authSessions.start(account.userId, placeOf(request));
      void reply.code(201).header('location', '/api/v1/me');
      return keepSignedIn(config, request, reply, session);
    },
  });

  typed.route({
    method: 'GET',
    url: '/api/v1/accounts',
    onRequest: noStore,
    schema: {
      summary: 'List accounts',
      description: 'By user name. For administrators.',
      tags: ['Administration'],
      security: [{ bearer: [] }],
      querystring: listAccountsQuerySchema,
      response: { 200: accountsSchema },
    },
    handler: async (request) => {
      await requireAdmin(context, request);
      const { limit, cursor = '' } = request.query;
      const { accounts, nextCursor } = await administration.list(cursor, limit);
      return { accounts: accounts.map(resourceOf), nextCursor };
    },
  });

  typed.route({
    method: 'PATCH',
    url: '/api/v1/accounts/:userId',
    onRequest: noStore,
    schema: {
      summary: 'Change an account',
      description:
        'For administrators. Disabling an account, and setting its password, end its sessions at once; a new password ends its API tokens too. The last administrator stays one.',
      tags: ['Administration'],
      security: [{ bearer: [] }],
      params: z.strictObject({ userId: z.string().max(100) }),
      body: changeAccountSchema,
      response: { 200: accountSchema },
    },
    handler: async (request) => {
      const { authSessionId } = await requireAdmin(context, request);
      const { userId } = request.params;
      return resourceOf(await administration.administer(userId, request.body, authSessionId));
    },
  });
}

function resourceOf(account: NamedAccount): Account {
  const { userId, userName, name, email, isAdmin, createdAt, disabledAt } = account;
  return { userId, userName, name, email, isAdmin, isDisabled: disabledAt !== null, createdAt };
}
