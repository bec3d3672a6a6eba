/**
 * The API's description (OpenAPI 3.1), generated from the schemas that validate the requests, and the pages to
 * browse it.
 */
import fastifySwagger, { type SwaggerTransform } from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { ATTEMPT_HEADER, problemSchema } from '@concord/protocol';
import type { FastifyInstance } from 'fastify';
import {
  createJsonSchemaTransform,
  createJsonSchemaTransformObject,
} from 'fastify-type-provider-zod';
import { withOptionalBodies } from './openapi-bodies.ts';
import { tidyComponents } from './openapi-components.ts';
import { withResponseHeaders } from './openapi-headers.ts';
import { IDEMPOTENCY_HEADER, IDEMPOTENCY_KEY_PATTERN, takesIdempotencyKey } from './idempotency.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `read`: answers `If-None-Match`. `write`: obeys `If-Match`. */
    conditional?: 'read' | 'write';
    /** GET and HEAD of it are for the read cookie too (http/read-cookie.ts). */
    browserRead?: boolean;
  }
}

const DESCRIPTION = `Documents that people write together, and who may do what with them.

A request without proof is anonymous, and may do what the address of a document allows anyone. Programs send an API
token (\`Authorization: Bearer concord_…\`). A document that is not there and one that may not be read are the
same 404.

A request that writes and carries nothing to be known by makes a new guest, with a cookie in the answer. If a page sent it
(it has \`Origin\`), it is refused with 401 \`cookieNeeded\` and that cookie, and nothing is written: in a browser that
refuses cookies, each write would belong to another guest. With the cookie it is accepted.

Signed-in browsers also carry a cookie that is good for reading documents (\`GET\` of a document, its text, snapshot and
operations, and of \`/d/<id>.md\`), as long as an access token is, and for nothing else.

Errors are problem+json (RFC 9457): \`code\` is stable, for programs; \`detail\` is for people.

Writes may carry an \`Idempotency-Key\`: the same request with the same key, within a day, is answered again
and not done again. How much may be asked is told in \`RateLimit\` and \`RateLimit-Policy\`; beyond it the answer
is 429 with \`Retry-After\`.`;

/** No inline script; the pages style themselves by script. */
const DOCS_CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const schemaTransform = createJsonSchemaTransform({});
const componentTransform = createJsonSchemaTransformObject({});

/** Before the routes are registered. */
export async function registerOpenApi(app: FastifyInstance): Promise<void> {
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Concord',
        description: DESCRIPTION,
        version: '1.0.0',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: '/', description: 'This server' }],
      components: {
        securitySchemes: {
          bearer: {
            type: 'http',
            scheme: 'bearer',
            description: 'An access token of an account (15 minutes), or an API token.',
          },
          guest: {
            type: 'apiKey',
            in: 'cookie',
            name: 'concord_guest',
            description:
              'A guest, known by a cookie (`__Host-concord_guest` by https); programs send the header `guestToken`.',
          },
          refresh: {
            type: 'apiKey',
            in: 'cookie',
            name: 'concord_refresh',
            description:
              'The refresh token, from sign-up, sign-in or refresh (`__Secure-concord_refresh` by https).',
          },
        },
      },
    },
    transform: describe,
    transformObject: (document) =>
      withOptionalBodies(withResponseHeaders(tidyComponents(componentTransform(document)))),
  });
}

/** Behind the routes: their description, and the pages. */
export async function registerDocs(app: FastifyInstance): Promise<void> {
  await app.register(swaggerUi, {
    routePrefix: '/api/docs',
    staticCSP: DOCS_CONTENT_SECURITY_POLICY,
    theme: { title: 'Concord API' },
    uiConfig: { layout: 'BaseLayout', docExpansion: 'list', deepLinking: true },
  });
}

/** What every operation has besides its schemas: a name, headers of the request, and problems. */
const describe: SwaggerTransform = (document) => {
  const { schema, url } = schemaTransform(document);
  if (schema === undefined || 'hide' in schema) return { schema, url };
  const { method, config } = document.route;
  const conditional = config?.conditional;
  const headers: Record<string, object> = {};
  if (takesIdempotencyKey(String(method), url)) headers[IDEMPOTENCY_HEADER] = idempotencyHeader;
  if (asksForRefreshToken(schema.security)) headers[ATTEMPT_HEADER] = attemptHeader;
  if (conditional === 'read') headers['if-none-match'] = ifNoneMatchHeader;
  if (conditional === 'write') headers['if-match'] = ifMatchHeader;
  const described = {
    ...schema,
    operationId: operationIdOf(String(schema.summary ?? '')),
    response: {
      ...(schema.response as object),
      ...(conditional === 'write'
        ? { 412: problemOf('Changed meanwhile: nothing was done.') }
        : {}),
      429: problemOf('Too many requests: `Retry-After` says when to ask again.'),
      '4xx': problemOf('Refused: nothing was done.'),
      '5xx': problemOf('The server could not do it.'),
    },
    ...(Object.keys(headers).length === 0
      ? {}
      : { headers: { type: 'object', properties: headers, required: [ATTEMPT_HEADER] } }),
  };
  return { schema: described, url };
};

const idempotencyHeader = {
  type: 'string',
  minLength: 1,
  maxLength: 255,
  pattern: IDEMPOTENCY_KEY_PATTERN,
  description:
    'Chosen by the client, of visible ASCII; the same request with the same key is done once, also when the server was killed before it answered.',
};
const attemptHeader = {
  type: 'string',
  pattern: '^[\\w-]{16,100}$',
  description:
    'Random, and the same until the answer came: it tells a lost answer from a stolen token.',
};
const ifNoneMatchHeader = {
  type: 'string',
  description: 'The `ETag` that is known already: the answer is 304 when nothing changed.',
};
const ifMatchHeader = {
  type: 'string',
  description: 'The `ETag` that was read: the answer is 412, and nothing is done, when it changed.',
};

function asksForRefreshToken(security: unknown): boolean {
  return Array.isArray(security) && security.some((each: object) => 'refresh' in each);
}

function problemOf(description: string): object {
  return {
    description,
    content: {
      'application/problem+json': { schema: { $ref: `#/components/schemas/${PROBLEM_ID}` } },
    },
  };
}
const PROBLEM_ID = problemSchema.meta()?.id ?? 'Problem';

/** “Make an API token” is `makeApiToken`. */
function operationIdOf(summary: string): string {
  const words =
    summary
      .toLowerCase()
      .replaceAll('’s', '')
      .match(/[a-z0-9]+/g) ?? [];
  return words
    .filter((word) => !articles.has(word))
    .map((word, index) => (index === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1)))
    .join('');
}
const articles = new Set(['a', 'an', 'the']);
