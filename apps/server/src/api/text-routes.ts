/** Texts: reading as Markdown, replacing, and the snapshot with which clients open a document. */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import {
  composedOperationSchema,
  documentIdOfPath,
  HEAD_HEADER,
  HISTORY_HEADER,
  parseHead,
  VERSION_HEADER,
  type DocumentId,
} from '@concord/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ApiContext } from './context.ts';
import { documentParams, notModified } from './document-params.ts';
import { isListedTag, isMatch, isNotModified } from '../http/etags.ts';
import { isForwarded } from '../http/forwarding/forwarded.ts';
import { keyedRequest } from '../http/idempotency.ts';
import {
  principalOfRequest,
  requireIdentity,
  type AskingRequest,
} from '../http/principal-of-request.ts';
import { textBodyBytes } from '../http/large-bodies.ts';
import { bucketOwner } from '../http/rate-limits.ts';
import { acceptsGzip } from '../http/accept-encoding.ts';
import { acceptTexts, textTypes } from './text-body.ts';
import type { ReplacementBase } from '../documents/replace-text.ts';
import { textBaseSchema } from '../documents/text-tags.ts';

const gunzipAsync = promisify(gunzip);

const versionSchema = z.coerce.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);

/** The address of the page, `/d/<slug>-<id>`, with an extension: the Markdown of the document. */
const markdownParams = z.strictObject({
  name: z.string().transform((name, context) => {
    const id = documentIdOfPath(name);
    if (id === null) context.addIssue('names no document');
    return id ?? z.NEVER;
  }),
});

/** The form of the header `concord-head`: version, client id, sequence number, time. */
const headSchema = z
  .string()
  .regex(/^\d{1,15}\.[a-z2-7]{26}\.\d{1,15}\.\d{1,15}$/, 'names no operation')
  .transform((text, context) => {
    const head = parseHead(text);
    if (head === null) context.addIssue('names no operation');
    return head ?? z.NEVER;
  });

const putQuery = z
  .strictObject({
    base: textBaseSchema
      .optional()
      .describe(
        '`ETag` of the text that the writer started from, with its quotes or without: 409 `otherHistory` when the server was restored from a backup that does not have that text.',
      ),
    baseVersion: versionSchema
      .optional()
      .describe(
        'Version of the text that the writer started from (`concord-version`), by a program that knows that the server was not restored from a backup since; `base` proves it.',
      ),
  })
  .refine(({ base, baseVersion }) => base === undefined || baseVersion === undefined, {
    message: 'takes `base` or `baseVersion`, not both',
  });

const replaced = z
  .undefined()
  .describe(
    '`concord-version` is the version after the edit. An `ETag` comes along only when the text at that version is exactly the one that was sent. Without it the text was merged with what others wrote: read it again before the next replacement.',
  );

/** A body that is sent unchanged, whatever its type. */
function textAs(
  type: string,
  description: string,
): { description: string; content: Record<string, { schema: z.ZodType }> } {
  return { description, content: { [type]: { schema: z.string() } } };
}

export async function registerTextRoutes(app: FastifyInstance, context: ApiContext): Promise<void> {
  const { texts } = context;
  await app.register(async (scope) => {
    const bodyLimit = textBodyBytes(context.config.limits);
    acceptTexts(scope, bodyLimit);
    const typed = scope.withTypeProvider<ZodTypeProvider>();

    typed.route({
      method: 'GET',
      url: '/api/v1/documents/:id/text',
      config: { conditional: 'read', browserRead: true, opensDocument: true },
      schema: {
        summary: 'Read a text',
        description: '`concord-version` and `ETag` are its version. Also at `/d/<id>.md`.',
        tags: ['Texts'],
        security: [{ bearer: [] }, { guest: [] }, {}],
        params: documentParams,
        response: {
          200: textAs('text/markdown', 'The text, as Markdown.'),
          304: notModified,
        },
      },
      handler: (request, reply) => sendText(request, reply, request.params.id),
    });

    typed.route({
      method: 'PUT',
      url: '/api/v1/documents/:id/text',
      bodyLimit,
      config: { conditional: 'write', opensDocument: true },
      schema: {
        summary: 'Replace a text',
        description:
          'The difference to the text at `base` (or `baseVersion`) is what is written, so that it merges with what others write. With `If-Match` and an `ETag`, only if nothing was written since; `If-Match: *` replaces whatever is there. With neither, 428 `baseNeeded` as soon as another person wrote in the document, or the same person in the editor: their words would be replaced unseen. Also at `/d/<id>.md`.',
        tags: ['Texts'],
        security: [{ bearer: [] }, { guest: [] }, {}],
        consumes: [...textTypes],
        params: documentParams,
        querystring: putQuery,
        body: z.string(),
        response: { 204: replaced },
      },
      handler: (request, reply) =>
        putText(request, reply, request.params.id, request.body, request.query),
    });

    typed.route({
      method: 'GET',
      url: '/d/:name.md',
      config: { browserRead: true, opensDocument: true },
      schema: { hide: true, params: markdownParams },
      handler: (request, reply) => sendText(request, reply, request.params.name),
    });

    typed.route({
      method: 'PUT',
      url: '/d/:name.md',
      bodyLimit,
      config: { opensDocument: true },
      schema: { hide: true, params: markdownParams, querystring: putQuery, body: z.string() },
      handler: (request, reply) =>
        putText(request, reply, request.params.name, request.body, request.query),
    });

    typed.route({
      method: 'GET',
      url: '/api/v1/documents/:id/snapshot',
      config: { conditional: 'read', browserRead: true, opensDocument: true },
      schema: {
        summary: 'Read a snapshot',
        description:
          'The text at some version, `atLeast` or newer, as it is stored: what clients open a document with.',
        tags: ['Texts'],
        security: [{ bearer: [] }, { guest: [] }, {}],
        params: documentParams,
        querystring: z.strictObject({
          atLeast: versionSchema.default(0),
          head: headSchema
            .optional()
            .describe(
              '`concord-head` of the text that the reader has: refused if it is of another history.',
            ),
        }),
        response: {
          200: textAs(
            'text/plain',
            'The text; `concord-version` is its version, `concord-head` names the operation that produced it, `concord-history` the store.',
          ),
          304: notModified,
        },
      },
      handler: async (request, reply) => {
        const { atLeast, head = null } = request.query;
        const principal = await principalOfRequest(context, request);
        const snapshot = await texts.snapshot(
          principal,
          request.params.id,
          { atLeast, head },
          { isForwarded: isForwarded(request.raw) },
        );
        const { version, compressedText, tag: etag } = snapshot;
        void reply.header(VERSION_HEADER, version).header(HISTORY_HEADER, context.store.historyId);
        if (version > 0) void reply.header(HEAD_HEADER, etag.slice(1, -1));
        if (isNotModified(request, reply, etag)) return reply.code(304).send();
        void reply.type('text/plain; charset=utf-8').header('vary', 'accept-encoding');
        // Sent as stored: compressed once for all clients that accept gzip.
        if (acceptsGzip(request.headers['accept-encoding'])) {
          return reply.header('content-encoding', 'gzip').send(Buffer.from(compressedText));
        }
        return reply.send(await gunzipAsync(compressedText));
      },
    });
  });

  app.withTypeProvider<ZodTypeProvider>().route({
    method: 'GET',
    url: '/api/v1/documents/:id/operation',
    config: { browserRead: true },
    schema: {
      summary: 'Read what happened between two versions',
      description:
        'As one operation: a number keeps that many code points, a string inserts itself, `{"d": n}` deletes n. Answers 422 when it would be too large, 429 or 503 when it has to be asked for again later.',
      tags: ['Texts'],
      security: [{ bearer: [] }, { guest: [] }, {}],
      params: documentParams,
      querystring: z.strictObject({ after: versionSchema, through: versionSchema }),
      response: { 200: composedOperationSchema },
    },
    handler: async (request, reply) => {
      const { id } = request.params;
      const { after } = request.query;
      const through = Math.max(after, request.query.through);
      const principal = await principalOfRequest(context, request);
      const lane = bucketOwner(principal, request.ip);
      const json = await texts.composed(principal, lane, { id, after, through });
      return sendComposed(reply, json);
    },
  });

  /** Sends cached JSON unchanged: not parsed and serialised again for each request. */
  function sendComposed(reply: FastifyReply, json: Buffer): FastifyReply {
    return reply.type('application/json; charset=utf-8').send(json);
  }

  async function sendText(
    request: AskingRequest & Pick<FastifyRequest, 'raw'>,
    reply: FastifyReply,
    id: DocumentId,
  ): Promise<FastifyReply> {
    const principal = await principalOfRequest(context, request);
    const {
      version,
      text,
      tag: etag,
    } = await texts.read(principal, id, {
      isForwarded: isForwarded(request.raw),
    });
    void reply.header(VERSION_HEADER, version).header(HISTORY_HEADER, context.store.historyId);
    if (isNotModified(request, reply, etag)) return reply.code(304).send();
    return reply.type('text/markdown; charset=utf-8').send(text.toString());
  }

  async function putText(
    request: AskingRequest & Pick<FastifyRequest, 'raw'>,
    reply: FastifyReply,
    id: DocumentId,
    text: string,
    { base, baseVersion }: z.infer<typeof putQuery>,
  ): Promise<FastifyReply> {
    const principal = await principalOfRequest(context, request);
    const { 'if-match': match, 'if-none-match': unless } = request.headers;
    const written = await texts.replace(
      {
        principal,
        identified: () => requireIdentity(context, request, reply),
        address: request.ip,
        lane: bucketOwner(principal, request.ip),
        isForwarded: isForwarded(request.raw),
      },
      id,
      {
        text,
        base: { text: base ?? null, version: baseVersion ?? null, match: matchOf(match) },
        // `If-None-Match: *` fails on any existing text.
        unless: unless === undefined ? null : (tag) => isListedTag(unless, tag),
        onceAs: keyedRequest(request)?.clientIdIn(id) ?? null,
      },
    );
    void reply.header(VERSION_HEADER, written.version);
    if (written.tag !== null) void reply.header('etag', written.tag);
    return reply.code(204).send();
  }
}

function matchOf(header: string | undefined): ReplacementBase['match'] {
  if (header === undefined) return null;
  return header.trim() === '*' ? 'any' : (tag) => isMatch(header, tag);
}
