/** Sign-in, refresh, sign-out, and the list of the account's sessions. */
import { authSessionsSchema, signedInSchema, signInSchema } from '@concord/protocol';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { AccountError } from '../accounts/account-error.ts';
import { RefreshError } from '../accounts/auth-sessions.ts';
import { refreshCookie } from '../http/refresh-cookie.ts';
import type { ApiContext } from './context.ts';
import { isHttps, principalOfRequest, requireAccount } from '../http/principal-of-request.ts';
import { forgetSignIn, keepSignedIn, noStore, placeOf, requireAttempt } from './signed-in-reply.ts';

export function registerSessionRoutes(app: FastifyInstance, context: ApiContext): void {
  const { config, log, services } = context;
  const { knownDevices, signIns, authSessions } = services;
  const typed = app.withTypeProvider<ZodTypeProvider>();

  typed.route({
    method: 'POST',
    url: '/api/v1/sessions',
    onRequest: noStore,
    schema: {
      summary: 'Sign in',
      description: 'The refresh token comes as a cookie, the access token in the body.',
      tags: ['Sessions'],
      security: [{}],
      body: signInSchema,
      response: { 201: signedInSchema },
    },
    handler: async (request, reply) => {
      const { userId, device, session } = await signIns.signIn({
        ...request.body,
        place: placeOf(request),
        deviceOf: (account) => knownDevices.idOf(request.headers, account),
        formerToken: refreshCookie.valueOf(request.headers),
      });
      const { sessionId } = session.signedIn;
      void reply.code(201).header('location', `/api/v1/sessions/${sessionId}`);
      const signedIn = keepSignedIn(config, request, reply, session);
      // Also for a known device: renews its cookie with the current key and another year.
      const secure = isHttps(config, request);
      void reply.header('set-cookie', knownDevices.cookiesFor(userId, secure, device));
      return signedIn;
    },
  });

  typed.route({
    method: 'POST',
    url: '/api/v1/sessions/refresh',
    onRequest: noStore,
    schema: {
      summary: 'Get a new access token',
      description:
        'Exchanges the refresh token of the cookie. Needs the header `concord-attempt`: random, and the same until the answer came.',
      tags: ['Sessions'],
      security: [{ refresh: [] }],
      response: { 200: signedInSchema },
    },
    handler: async (request, reply) => {
      const attempt = requireAttempt(request);
      const token = refreshCookie.valueOf(request.headers);
      if (token === null) throw signedOut();
      // An invalid cookie is not cleared: a concurrent sign-in may have replaced it in the browser.
      const session = await authSessions
        .refresh(token, attempt, placeOf(request))
        .catch((error: unknown) => {
          if (!(error instanceof RefreshError)) throw error;
          if (error.code === 'reused') {
            log.warn(
              { address: request.ip },
              'a refresh token was used twice: the session was ended',
            );
          }
          throw signedOut();
        });
      return keepSignedIn(config, request, reply, session);
    },
  });

  typed.route({
    method: 'GET',
    url: '/api/v1/sessions',
    onRequest: noStore,
    schema: {
      summary: 'List where one is signed in',
      tags: ['Sessions'],
      security: [{ bearer: [] }],
      response: { 200: authSessionsSchema },
    },
    handler: async (request) => {
      const { userId, authSessionId } = await requireAccount(context, request);
      const sessions = await authSessions.listOf(userId);
      return {
        sessions: sessions.map(({ id, createdAt, lastUsedAt, expiresAt, userAgent, address }) => ({
          id,
          isCurrent: id === authSessionId,
          createdAt,
          lastUsedAt,
          expiresAt,
          userAgent,
          address,
        })),
      };
    },
  });

  typed.route({
    method: 'DELETE',
    url: '/api/v1/sessions/current',
    onRequest: noStore,
    schema: {
      summary: 'Sign out here',
      description:
        'Ends the session of the cookie, or else of the access token. Needs the header `concord-attempt`.',
      tags: ['Sessions'],
      security: [{ refresh: [] }, { bearer: [] }, {}],
      response: { 204: z.undefined().describe('Signed out.') },
    },
    handler: async (request, reply) => {
      requireAttempt(request);
      const token = refreshCookie.valueOf(request.headers);
      if (token !== null) {
        await authSessions.endByToken(token);
      } else {
        const principal = await principalOfRequest(context, request);
        if (principal.kind === 'account') await authSessions.end(principal.authSessionId);
      }
      forgetSignIn(config, request, reply);
      return reply.code(204).send();
    },
  });

  typed.route({
    method: 'DELETE',
    url: '/api/v1/sessions/:id',
    onRequest: noStore,
    schema: {
      summary: 'Sign out somewhere',
      tags: ['Sessions'],
      security: [{ bearer: [] }],
      params: z.strictObject({ id: z.string().max(100) }),
      response: { 204: z.undefined().describe('Signed out there.') },
    },
    handler: async (request, reply) => {
      const { userId } = await requireAccount(context, request);
      if (!(await authSessions.endOf(userId, request.params.id))) {
        throw new AccountError('sessionNotFound', 'You have no such session.');
      }
      return reply.code(204).send();
    },
  });

  typed.route({
    method: 'DELETE',
    url: '/api/v1/sessions',
    onRequest: noStore,
    schema: {
      summary: 'Sign out everywhere else',
      tags: ['Sessions'],
      security: [{ bearer: [] }],
      response: { 204: z.undefined().describe('Signed out everywhere else.') },
    },
    handler: async (request, reply) => {
      const { userId, authSessionId } = await requireAccount(context, request);
      await authSessions.endAllOf(userId, authSessionId);
      return reply.code(204).send();
    },
  });
}

function signedOut(): AccountError {
  return new AccountError('signedOut', 'You are not signed in (any more).');
}
