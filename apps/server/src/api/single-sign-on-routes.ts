/** Single sign-on: a page asks where to go, and the provider sends the browser back, so that errors are pages there. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { beginSignOnSchema, begunSignOnSchema } from '@concord/protocol';
import { z } from 'zod';
import { ProofCookie } from '../platform/cookies.ts';
import { localPath } from '../accounts/return-to.ts';
import { SIGN_ON_MS, SignOnError, type SingleSignOn } from '../accounts/single-sign-on.ts';
import { DomainError } from '../platform/domain-error.ts';
import { problemOfDomainError } from '../http/problem-of-domain-error.ts';
import { Problem } from '../http/problem.ts';
import type { ApiContext } from './context.ts';
import { becomeNewGuest, isHttps, principalOfRequest } from '../http/principal-of-request.ts';
import { keepSignedIn, noStore, placeOf } from './signed-in-reply.ts';

const PATH = '/api/v1/sign-on';
const CALLBACK_PATH = `${PATH}/callback`;
/** Lax, because the redirect back from the provider must carry it. */
const signOnCookie = new ProofCookie({ name: 'concord_sign_on', path: PATH, sameSite: 'lax' });

export function registerSingleSignOnRoutes(app: FastifyInstance, context: ApiContext): void {
  const { config, log, services } = context;
  const { authSessions } = services;
  const typed = app.withTypeProvider<ZodTypeProvider>();

  typed.route({
    method: 'POST',
    url: PATH,
    onRequest: noStore,
    schema: {
      summary: 'Begin a single sign-on',
      description:
        'Answers the address at the OpenID Connect provider where the browser is to go. An invitation is in the body, which no log and no history holds.',
      tags: ['Single sign-on'],
      security: [{}],
      body: beginSignOnSchema,
      response: { 200: begunSignOnSchema },
    },
    handler: async (request, reply) => {
      const signOn = requireSignOn(services.singleSignOn);
      const { returnTo, invitation = null } = request.body;
      const redirectUri = publicOrigin() + CALLBACK_PATH;
      const { location, cookieValue } = await signOn
        .begin(redirectUri, localPath(returnTo), invitation)
        .catch((error: unknown) => {
          if (!(error instanceof SignOnError)) throw error;
          warnOf(error);
          throw new Problem(503, error.code, 'No single sign-on', `${error.message} Nothing was changed; try again later.`); // prettier-ignore
        });
      void reply.header('set-cookie', signOnCookie.keep(cookieValue, SIGN_ON_MS, isHttps(config, request))); // prettier-ignore
      return { location };
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
      // Single use: cleared whether the sign-on succeeds or not.
      void reply.header('set-cookie', signOnCookie.remove(isHttps(config, request)));
      try {
        const kept = signOnCookie.valueOf(request.headers);
        const query = new URL(request.url, 'http://here').search;
        const { claims, returnTo, invitation } = await signOn.finish(query, kept);
        const principal = await principalOfRequest(context, request);
        const guestId = principal.kind === 'guest' ? principal.userId : null;
        const { account, isNew } = await services.signOnAccount(claims, { guestId, invitation });
        const { userId } = account;
        if (account.disabledAt !== null) return toSignIn(reply, 'accountDisabled');
        if (isNew && userId === guestId) becomeNewGuest(context, request, reply);
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
      warnOf(error);
      return toSignIn(reply, error.code);
    }
    const problem =
      error instanceof DomainError ? problemOfDomainError(error as DomainError) : error;
    if (problem instanceof Problem) return toSignIn(reply, problem.code);
    throw error;
  }

  function warnOf({ code, reason }: SignOnError): void {
    log.warn({ code, reason }, 'a single sign-on did not succeed');
  }

  /** Where the browser sees this server: never as a request says it. */
  function publicOrigin(): string {
    if (config.publicUrl === null) throw new Error('Single sign-on needs a public URL.');
    return config.publicUrl;
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
