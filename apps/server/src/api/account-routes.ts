/** Accounts: sign-up for everybody, the list and its changes for administrators. */
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
import { guestName } from '../access/guest-names.ts';
import { takenError } from '../accounts/sign-up.ts';
import { Problem } from '../http/problem.ts';
import type { AccountChange, AccountRecord } from '../store/ports/account-store.ts';
import type { ApiContext } from './context.ts';
import { becomeNewGuest, principalOfRequest, requireAdmin } from '../http/principal-of-request.ts';
import { keepSignedIn, noStore, placeOf } from './signed-in-reply.ts';

const listAccountsQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().max(100).optional(),
});

export function registerAccountRoutes(app: FastifyInstance, context: ApiContext): void {
  const { store, config, events, services } = context;
  const { attempts, passwords, signUps, authSessions, administration } = services;
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
      if (principal.kind === 'account' || principal.kind === 'apiToken') {
        const detail = 'You are signed in: sign out first.';
        throw new Problem(409, 'signedUpAlready', 'Signed up already', detail);
      }
      const { userName, email = null, name = null, password, invitation = null } = request.body;
      const address = request.ip;
      attempts.begin('signUp', { address });
      const attempt = invitation === null ? null : attempts.begin('invitation', { address });
      const admitted = await signUps.admit(invitation);
      attempt?.succeeded();
      const registration = admitted === null ? attempts.begin('registration', { address }) : null;
      // Before the name is looked at: whether it is taken costs the same.
      const passwordHash = await passwords.hash(password);
      const guestId = principal.kind === 'guest' ? principal.userId : null;
      const account = await signUps
        .create({ guestId, userName, email, passwordHash, subject: null, name }, admitted)
        .catch((error: unknown) => {
          registration?.undone();
          throw takenError(error);
        });
      const named = await nameOf(context, account.userId);
      await events.publish({ type: 'personRenamed', userId: account.userId, name: named });
      // The guest's cookie became the account's user id, and opens nothing any more.
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
      const found = await store.accounts.list(cursor, limit + 1);
      const accounts = await resourcesOf(context, found.slice(0, limit));
      const hasMore = found.length > limit;
      return { accounts, nextCursor: hasMore ? (accounts.at(-1)?.userName ?? null) : null };
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
      const { isAdmin, isDisabled, password } = request.body;
      const account = await store.accounts.get(userId);
      if (account === null) throw noSuchAccount();
      const change: AccountChange = {
        ...(isAdmin !== undefined && { isAdmin }),
        ...(isDisabled !== undefined && {
          disabledAt: isDisabled ? (account.disabledAt ?? Date.now()) : null,
        }),
        ...(password !== undefined && { passwordHash: await passwords.hash(password) }),
      };
      await administration.change(userId, change, authSessionId);
      const [resource] = await resourcesOf(context, [{ ...account, ...change }]);
      if (resource === undefined) throw noSuchAccount();
      return resource;
    },
  });
}

async function nameOf({ store }: ApiContext, userId: string): Promise<string> {
  return (await store.people.nameOf(userId)) ?? guestName(userId);
}

async function resourcesOf(
  { store }: ApiContext,
  records: readonly AccountRecord[],
): Promise<Account[]> {
  const people = await store.people.namesOf(records.map(({ userId }) => userId));
  return records.map(({ userId, userName, email, isAdmin, createdAt, disabledAt }) => ({
    userId,
    userName,
    name: people.get(userId)?.name ?? guestName(userId),
    email,
    isAdmin,
    isDisabled: disabledAt !== null,
    createdAt,
  }));
}

function noSuchAccount(): Problem {
  return new Problem(404, 'notFound', 'Not found', 'There is no such account.');
}
