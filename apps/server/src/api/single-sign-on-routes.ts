/** Single sign-on: to the provider and back. Browsers come here, so that errors are pages too. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { parseCookie, stringifySetCookie } from 'cookie';
import { z } from 'zod';
import { displayName } from '../access/guest.ts';
import { localPath } from '../access/return-to.ts';
import { accountOfSignOn } from '../access/sign-on-account.ts';
import { SIGN_ON_MS, SignOnError, type SingleSignOn } from '../access/single-sign-on.ts';
import { Problem } from '../gateway/problem.ts';
import type { ApiContext } from './context.ts';
import {
  becomeNewGuest,
  isHttps,
  principalOfRequest,
  type AskingRequest,
} from './principal-of-request.ts';
import { keepSignedIn, noStore, placeOf } from './signed-in-reply.ts';

const PATH = '/api/v1/sign-on';
const CALLBACK_PATH = `${PATH}/callback`;
const COOKIE = 'concord_sign_on';

const signOnQuerySchema = z.strictObject({
  /** Path of the page to show afterwards. */
  returnTo: z.string().max(2_000).optional(),
  /** For a new account where sign-up is by invitation. */
  invitation: z.string().max(100).optional(),
});

export function registerSingleSignOnRoutes(app: FastifyInstance, context: ApiContext): void {
  const { config, store, documents, log, services } = context;
  const { authSessions, signUps } = services;
  const typed = app.withTypeProvider<ZodTypeProvider>();

  typed.route({
    method: 'GET',
    url: PATH,
    onRequest: noStore,
    schema: {
      summary: 'Sign in by single sign-on',
      description: 'Sends the browser to the OpenID Connect provider.',
      tags: ['Single sign-on'],
      security: [{}],
      querystring: signOnQuerySchema,
      response: { 303: z.undefined().describe('To the provider, or to the sign-in page.') },
    },
    handler: async (request, reply) => {
      const signOn = requireSignOn(services.singleSignOn);
      const returnTo = localPath(request.query.returnTo);
      try {
        const redirectUri = publicOrigin() + CALLBACK_PATH;
        const invitation = request.query.invitation ?? null;
        const { location, cookieValue } = await signOn.begin(redirectUri, returnTo, invitation);
        void reply.header('set-cookie', signOnCookie(request, cookieValue, SIGN_ON_MS));
        return reply.redirect(location, 303);
      } catch (error) {
        return refuse(error, reply);
      }
    },
  });

  typed.route({
    method: 'GET',
    url: CALLBACK_PATH,
    onRequest: noStore,
    schema: {
      summary: 'Back from the OpenID Connect provider',
      description: 'Signs in, and makes the account if there is none; then shows the page.',
      tags: ['Single sign-on'],
      security: [{}],
      response: { 303: z.undefined().describe('To the page, or to the sign-in page.') },
    },
    handler: async (request, reply) => {
      const signOn = requireSignOn(services.singleSignOn);
      // Whatever comes of it, it was good for one callback.
      void reply.header('set-cookie', signOnCookie(request, '', 0));
      try {
        const kept = parseCookie(request.headers.cookie ?? '')[COOKIE] ?? null;
        const query = new URL(request.url, 'http://here').search;
        const { claims, returnTo, invitation } = await signOn.finish(query, kept);
        const principal = await principalOfRequest(context, request);
        const guestId = principal.kind === 'guest' ? principal.userId : null;
        const { account, isNew } = await accountOfSignOn(store, signUps, claims, {
          guestId,
          invitation,
        });
        const { userId } = account;
        if (account.disabledAt !== null) return toSignIn(reply, 'accountDisabled');
        if (isNew) {
          documents.personRenamed(userId, await displayName(store, userId));
          if (userId === guestId) becomeNewGuest(context, request, reply);
        }
        const session = await authSessions.start(userId, placeOf(request));
        keepSignedIn(config, request, reply, session);
        return reply.redirect(returnTo, 303);
      } catch (error) {
        return refuse(error, reply);
      }
    },
  });

  /** Expected errors are told by the sign-in page; others are the server's. */
  function refuse(error: unknown, reply: FastifyReply): FastifyReply {
    if (error instanceof SignOnError) {
      const { code, reason } = error;
      log.warn({ code, reason }, 'a single sign-on did not succeed');
      return toSignIn(reply, error.code);
    }
    if (error instanceof Problem) return toSignIn(reply, error.code);
    throw error;
  }

  /** Where the browser sees this server: never as a request says it. */
  function publicOrigin(): string {
    if (config.publicUrl === null) throw new Error('Single sign-on needs a public URL.');
    return config.publicUrl;
  }

  /** Lax: it must come along when the provider sends the browser back. */
  function signOnCookie(request: AskingRequest, value: string, maxAgeMs: number): string {
    return stringifySetCookie({
      name: COOKIE,
      value,
      maxAge: maxAgeMs / 1_000,
      httpOnly: true,
      sameSite: 'lax',
      path: PATH,
      secure: isHttps(config, request),
    });
  }
}

function requireSignOn(singleSignOn: SingleSignOn | null): SingleSignOn {
  if (singleSignOn !== null) return singleSignOn;
  const detail = 'There is no single sign-on here.';
  throw new Problem(404, 'notFound', 'Not found', detail);
}

function toSignIn(reply: FastifyReply, problem: string): FastifyReply {
  return reply.redirect(`/sign-in?problem=${encodeURIComponent(problem)}`, 303);
}
