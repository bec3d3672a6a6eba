/** The one who asks: guest or account. */
import {
  GUEST_HEADER,
  changeMeSchema,
  changePasswordSchema,
  deleteAccountSchema,
  meSchema,
  usageSchema,
  type DocumentId,
  type Me,
} from '@concord/protocol';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { displayName, renewedCookies } from '../accounts/guest.ts';
import { mayCreate, type Identified } from '../access/principal.ts';
import { takenError } from '../accounts/sign-up.ts';
import type { AccountRecord } from '../store/ports/account-store.ts';
import type { LibraryPage } from '../store/ports/library-store.ts';
import type { ApiContext } from './context.ts';
import { requireOwnPassword } from './own-password.ts';
import {
  isHttps,
  principalOfRequest,
  requireAccount,
  requireIdentity,
  requireScope,
} from '../http/principal-of-request.ts';
import { forgetSignIn, noStore } from './signed-in-reply.ts';

export function registerMeRoutes(app: FastifyInstance, context: ApiContext): void {
  const { store, config, events, services } = context;
  const { attempts, passwords, administration } = services;
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
        // A cookie that proves nothing any more is replaced by that of the new guest, and must not come back.
        void reply.header(GUEST_HEADER, 'new');
      } else {
        // Pages come from the browser's own store mostly: here the guest cookie gets its new year.
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
        // It tells which addresses are taken, as sign-up does.
        if (email !== null) attempts.begin('signUp', { address: request.ip });
        await administration.change(userId, { email }).catch((error: unknown) => {
          throw takenError(error);
        });
      }
      if (name !== undefined) {
        await store.people.setName(userId, name);
        await events.publish({ type: 'personRenamed', userId, name });
      }
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
      const { current, next } = request.body;
      await requireOwnPassword(context, request, principal, current);
      const passwordHash = await passwords.hash(next);
      await administration.change(principal.userId, { passwordHash }, principal.authSessionId);
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
      await requireOwnPassword(context, request, principal, request.body.password);
      const owned = await documentsOwnedBy(context, principal.userId);
      await administration.remove(principal.userId);
      // Those that went with the account, or changed their people, are told to whoever has them open.
      await Promise.all(
        owned.map((id) => events.publish({ type: 'accessChanged', documentId: id })),
      );
      forgetSignIn(config, request, reply);
      return reply.code(204).send();
    },
  });
}

async function meOf({ store, config }: ApiContext, principal: Identified): Promise<Me> {
  const { userId } = principal;
  const [account, name] = await Promise.all([
    accountOf(store, principal),
    displayName(store, userId),
  ]);
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

async function accountOf(
  { accounts }: ApiContext['store'],
  { kind, userId }: Identified,
): Promise<AccountRecord | null> {
  return kind === 'guest' ? null : accounts.get(userId);
}

/** Not those in the trash: nobody else has them open. */
async function documentsOwnedBy(
  { store }: ApiContext,
  userId: string,
): Promise<readonly DocumentId[]> {
  const owned: DocumentId[] = [];
  let cursor: string | null = null;
  do {
    const page: LibraryPage = await store.library.list({
      userId,
      view: 'all',
      folder: null,
      search: null,
      limit: 100,
      cursor,
      now: Date.now(),
    });
    for (const { id, role } of page.entries) if (role === 'owner') owned.push(id);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return owned;
}
