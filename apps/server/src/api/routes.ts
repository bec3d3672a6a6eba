/** The REST API: what every request of it goes through, and its routes. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { serializerCompiler } from 'fastify-type-provider-zod';
import { noReadCookies } from '../http/read-cookie.ts';
import { userIdOf } from '../access/principal.ts';
import { registerAccountRoutes } from './account-routes.ts';
import type { ApiContext } from './context.ts';
import { registerDocumentsRoutes } from './documents-routes.ts';
import { addIdempotency } from '../http/idempotency.ts';
import { registerInvitationRoutes } from './invitation-routes.ts';
import { KeptAnswers } from '../http/kept-answers.ts';
import { boundLargeBodies } from '../http/large-bodies.ts';
import { registerMeRoutes } from './me-routes.ts';
import { registerDocs, registerOpenApi } from '../http/openapi.ts';
import { registerPeopleRoutes } from './people-routes.ts';
import { isHttps, principalOfRequest, readTokenOfRequest } from '../http/principal-of-request.ts';
import { bucketOwner, countRequest, RateLimits, ratePolicyOf } from '../http/rate-limits.ts';
import { registerReceivedInvitationRoutes } from './received-invitation-routes.ts';
import { registerSessionRoutes } from './session-routes.ts';
import { registerShareLinkRoutes } from './share-link-routes.ts';
import { registerSingleSignOnRoutes } from './single-sign-on-routes.ts';
import { registerTextRoutes } from './text-routes.ts';
import { registerTokenRoutes } from './token-routes.ts';
import { registerTrashRoutes } from './trash-routes.ts';
import { refuseNullBody, validatorCompiler } from '../http/validation.ts';

export async function registerApi(app: FastifyInstance, context: ApiContext): Promise<void> {
  const keptAnswers = new KeptAnswers(context.store, await context.store.secret('kept-answers'));
  const { config, limitState, reservations, log } = context;
  const perMinute = config.requestsPerMinute;
  const limits = new RateLimits({ perMinute, limitState });
  await app.register(async (api) => {
    api.setValidatorCompiler(validatorCompiler);
    api.setSerializerCompiler(serializerCompiler);
    await registerOpenApi(api);
    await api.register(async (routes) => {
      // Nothing but JSON, except where texts are (text-body.ts).
      routes.removeContentTypeParser('text/plain');
      addLimits(routes, context, limits);
      routes.addHook('preValidation', refuseNullBody);
      boundLargeBodies(routes, config.limits, ownerOfRequest);
      addIdempotency(routes, { keptAnswers, reservations, userIdOf: userIdOfRequest, log });
      registerDocumentsRoutes(routes, context);
      registerTrashRoutes(routes, context);
      await registerTextRoutes(routes, context);
      registerPeopleRoutes(routes, context);
      registerReceivedInvitationRoutes(routes, context);
      registerShareLinkRoutes(routes, context);
      registerMeRoutes(routes, context);
      registerAccountRoutes(routes, context);
      registerSessionRoutes(routes, context);
      registerTokenRoutes(routes, context);
      registerInvitationRoutes(routes, context);
      registerSingleSignOnRoutes(routes, context);
      routes.get('/api/v1/openapi.json', { schema: { hide: true } }, (_request, reply) =>
        reply.header('cache-control', 'no-cache').send(api.swagger()),
      );
    });
    await api.register(async (docs) => {
      addLimits(docs, context, limits);
      await registerDocs(docs);
    });
  });

  async function ownerOfRequest(request: FastifyRequest): Promise<string> {
    return bucketOwner(await principalOfRequest(context, request), request.ip);
  }

  async function userIdOfRequest(request: FastifyRequest): Promise<string | null> {
    return userIdOf(await principalOfRequest(context, request));
  }
}

function addLimits(app: FastifyInstance, context: ApiContext, limits: RateLimits): void {
  app.addHook('onRequest', async (request, reply) => {
    // Caches must revalidate each time, with the identity of the caller; routes with secrets set `no-store`.
    void reply.header('cache-control', 'private, no-cache');
    // An invalid token counts as anonymous here; the route refuses it, unless it needs no token (sign-in).
    const principal = await principalOfRequest(context, request).catch(() => {
      // Clears an expired read cookie, which would keep the browser from reading as a guest.
      if (readTokenOfRequest(request) !== null) {
        void reply.header('set-cookie', noReadCookies(isHttps(context.config, request)));
      }
      return ANONYMOUS;
    });
    // Other sites can neither embed nor measure what this browser may read.
    void reply.header('cross-origin-resource-policy', 'same-origin');
    await countRequest(limits, ratePolicyOf(request), { principal, address: request.ip }, reply);
  });
}

const ANONYMOUS = { kind: 'nobody' } as const;
