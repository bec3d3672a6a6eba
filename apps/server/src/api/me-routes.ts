/** The identity of the caller: guest or account. */
import {
  GUEST_HEADER,
  changeMeSchema,
  changePasswordSchema,
  deleteAccountSchema,
  meSchema,
  usageSchema,
  type Me,
} from '@concord/protocol';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { renewedCookies } from '../accounts/guest.ts';
import { mayCreate, type Identified } from '../access/principal.ts';
import type { ApiContext } from './context.ts';
import {
  isHttps,
  principalOfRequest,
  requireAccount,
  requireIdentity,
  requireScope,
} from '../http/principal-of-request.ts';
import { forgetSignIn, noStore } from './signed-in-reply.ts';

export function registerMeRoutes(app: FastifyInstance, context: ApiContext): void {
  const { config, services } = context;
  const { ownAccounts } = services;
  const typed = app.withTypeProvider<ZodTypeProvider>();

  typed.route({
    method: 'GET',
    url: '/api/v1/me',
    onRequest: noStore,
    schema: {
      summary: 'Who asks',
      description:
        'A browser that is new here becomes a guest by it, with a cookie; then the answer has the header `concord-guest: new`. A browser that refuses cookies gets it every time.',
      tags: ['Me'],
      security: [{ bearer: [] }, { guest: [] }, {}],
      response: { 200: meSchema },
    },
    handler: async (request, reply) => {
      const isNew = (await principalOfRequest(context, request)).kind === 'nobody';
      const principal = await requireIdentity(context, request, reply);
      requireScope(principal, 'account');
      if (isNew) {
        // The answer sets the cookie of the new guest; that of the request must not be renewed.
        void reply.header(GUEST_HEADER, 'new');
      } else {
        // Pages mostly come from the service worker's cache, so that the guest cookie is renewed here.
        const renewed = renewedCookies(request.headers, isHttps(context.config, request));
        if (renewed !== undefined) void reply.header('set-cookie', renewed);
      }
      return meOf(context, principal);
    },
  });

  typed.route({
    method: 'GET',
    url: '/api/v1/me/usage',
    onRequest: noStore,
    schema: {
      summary: 'What one has stored',
      description: 'Documents and bytes that count towards one’s quota, and the quota.',
      tags: ['Me'],
      security: [{ bearer: [] }, { guest: [] }, {}],
      response: { 200: usageSchema },
    },
    handler: async (request, reply) => {
      const principal = await requireIdentity(context, request, reply);
      requireScope(principal, 'account');
      const used = await services.quotas.usedBy(principal.userId);
      const limits = services.quotas.limitsOf(principal.kind !== 'guest');
      return {
        documents: { used: used.documents, limit: limits.documents },
        bytes: { used: used.bytes, limit: limits.bytes },
        bytesPerDay: limits.bytesPerDay,
      };
    },
  });

  typed.route({
    method: 'PATCH',
    url: '/api/v1/me',
    onRequest: noStore,
    schema: {
      summary: 'Change name or email address',
      description: 'Guests have a name only.',
      tags: ['Me'],
      security: [{ bearer: [] }, { guest: [] }],
      body: changeMeSchema,
      response: { 200: meSchema },
    },
    handler: async (request, reply) => {
      const { name, email } = request.body;
      const principal = await requireIdentity(context, request, reply);
      requireScope(principal, 'account');
      const { userId } = principal;
      if (email !== undefined) {
        await requireAccount(context, request, 'account');
        await ownAccounts.changeEmail(userId, request.ip, email);
      }
      if (name !== undefined) await ownAccounts.rename(userId, name);
      return meOf(context, principal);
    },
  });

  typed.route({
    method: 'PUT',
    url: '/api/v1/me/password',
    onRequest: noStore,
    schema: {
      summary: 'Change the password',
      description: 'Ends all other sessions and all API tokens of the account at once.',
      tags: ['Me'],
      security: [{ bearer: [] }],
      body: changePasswordSchema,
      response: { 204: z.undefined().describe('Changed.') },
    },
    handler: async (request, reply) => {
      const principal = await requireAccount(context, request);
      await ownAccounts.changePassword(principal, request.ip, request.body);
      return reply.code(204).send();
    },
  });

  typed.route({
    method: 'DELETE',
    url: '/api/v1/me',
    onRequest: noStore,
    schema: {
      summary: 'Delete the account',
      description:
        'With its sessions, its API tokens, and every document that no other person owns. What it wrote in documents of others stays.',
      tags: ['Me'],
      security: [{ bearer: [] }],
      body: deleteAccountSchema,
      response: { 204: z.undefined().describe('Deleted.') },
    },
    handler: async (request, reply) => {
      const principal = await requireAccount(context, request);
      await ownAccounts.remove(principal, request.ip, request.body.password);
      forgetSignIn(config, request, reply);
      return reply.code(204).send();
    },
  });
}

async function meOf({ services, config }: ApiContext, principal: Identified): Promise<Me> {
  const { userId } = principal;
  const { account, name } = await services.ownAccounts.of(principal);
  return {
    kind: account === null ? 'guest' : 'account',
    userId,
    name,
    userName: account?.userName ?? null,
    email: account?.email ?? null,
    isAdmin: account?.isAdmin ?? false,
    hasPassword: account !== null && account.passwordHash !== null,
    signUp: config.signUp,
    singleSignOn: config.singleSignOn?.name ?? null,
    mayCreate: mayCreate(config, principal),
  };
}
