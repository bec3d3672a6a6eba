/** Documents: the list, creating, reading and changing one. Trash and texts have files of their own. */
import {
  changeDocumentSchema,
  createDocumentSchema,
  documentListSchema,
  documentSchema,
  folderListSchema,
  listDocumentsQuerySchema,
  randomDocumentId,
  type CreateDocument,
  type DocumentId,
  type DocumentList,
  type DocumentResource,
} from '@concord/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Identified } from '../access/principal.ts';
import type { CreatedDocument } from '../documents/document-service.ts';
import { isNotModified, representationEtag, requireMatch } from '../http/etags.ts';
import { keptWrite } from '../http/idempotency.ts';
import { jsonBodyBytes } from '../http/large-bodies.ts';
import { principalOfRequest, requireIdentity } from '../http/principal-of-request.ts';
import type { ApiContext } from './context.ts';
import { documentParams, notModified } from './document-params.ts';
import { listedResource, newResource, readResource } from './document-resource.ts';

export function registerDocumentsRoutes(app: FastifyInstance, context: ApiContext): void {
  const { config, documentService, library } = context;
  const typed = app.withTypeProvider<ZodTypeProvider>();

  const create = async (
    request: FastifyRequest<{ Body: CreateDocument }>,
    reply: FastifyReply,
    id: DocumentId,
  ): Promise<DocumentResource> => {
    const { title = '', text = '', anyone = 'off', folder = '' } = request.body;
    const creator = await requireIdentity(context, request, reply);
    const created = await documentService.create(
      creator,
      request.ip,
      { id, title, text, anyone, folder },
      (wanted) => keptWrite(request, answerOf(wanted, creator)),
    );
    const { status, headers, body } = answerOf(created, creator);
    void reply.code(status).headers(headers);
    return body;
  };

  typed.route({
    method: 'GET',
    url: '/api/v1/documents',
    config: { conditional: 'read' },
    schema: {
      summary: 'List documents',
      description:
        'Those that one has a role in, or opened before, and may still read. With `q`, those whose title or text has all the words, the best match first: at most 12 different words, of which the last may be unfinished from its second letter on. One search at a time per person: others wait, or are answered by 429; a search that takes longer than five seconds by 503.',
      tags: ['Documents'],
      security: [{ bearer: [] }, { guest: [] }, {}],
      querystring: listDocumentsQuerySchema,
      response: { 200: documentListSchema, 304: notModified },
    },
    handler: async (request, reply) => {
      const principal = await principalOfRequest(context, request);
      const { view, folder = null, q: search = null, limit, cursor = null } = request.query;
      const wanted = { view, folder, search, limit, cursor };
      const page = await library.list(principal, request.ip, wanted);
      const { nextCursor } = page;
      const list: DocumentList = {
        documents: page.entries.map((entry) => listedResource(entry, principal)),
        nextCursor,
        links: {
          self: request.url,
          ...(nextCursor !== null && { next: withCursor(request.url, nextCursor) }),
          folders: '/api/v1/folders',
        },
      };
      const isKnown = isNotModified(request, reply, representationEtag(list));
      return isKnown ? reply.code(304).send() : list;
    },
  });

  typed.route({
    method: 'GET',
    url: '/api/v1/folders',
    config: { conditional: 'read' },
    schema: {
      summary: 'List folders',
      description: 'They are personal: each sees only their own.',
      tags: ['Documents'],
      security: [{ bearer: [] }, { guest: [] }, {}],
      response: { 200: folderListSchema, 304: notModified },
    },
    handler: async (request, reply) => {
      const principal = await principalOfRequest(context, request);
      const folders = await library.folders(principal);
      const list = {
        folders: folders.map(({ name, documents: count }) => ({ name, documents: count })),
      };
      const isKnown = isNotModified(request, reply, representationEtag(list));
      return isKnown ? reply.code(304).send() : list;
    },
  });

  typed.route({
    method: 'POST',
    url: '/api/v1/documents',
    bodyLimit: jsonBodyBytes(config.limits),
    schema: {
      summary: 'Create a document',
      description: 'Its creator owns it. No other person may read it unless `anyone` says so.',
      tags: ['Documents'],
      security: [{ bearer: [] }, { guest: [] }, {}],
      body: createDocumentSchema,
      response: { 201: documentSchema },
    },
    handler: (request, reply) => create(request, reply, randomDocumentId()),
  });

  typed.route({
    method: 'PUT',
    url: '/api/v1/documents/:id',
    bodyLimit: jsonBodyBytes(config.limits),
    schema: {
      summary: 'Create a document with an id of one’s own',
      description:
        'For documents that are begun without a network: 26 random characters, chosen by its creator. A document that the one who asks may read stays as it is, and is the answer.',
      tags: ['Documents'],
      security: [{ bearer: [] }, { guest: [] }, {}],
      params: documentParams,
      body: createDocumentSchema,
      response: { 200: documentSchema, 201: documentSchema },
    },
    handler: async (request, reply) => {
      const { id } = request.params;
      const principal = await principalOfRequest(context, request);
      const existing = await documentService.existing(principal, id);
      if (existing === null) return create(request, reply, id);
      const resource = await readResource(documentService, existing);
      void reply.header('etag', representationEtag(resource));
      return resource;
    },
  });

  typed.route({
    method: 'GET',
    url: '/api/v1/documents/:id',
    config: { conditional: 'read', browserRead: true },
    schema: {
      summary: 'Read a document',
      description: 'What is known about it; its text is at `links.text`.',
      tags: ['Documents'],
      security: [{ bearer: [] }, { guest: [] }, {}],
      params: documentParams,
      response: { 200: documentSchema, 304: notModified },
    },
    handler: async (request, reply) => {
      const principal = await principalOfRequest(context, request);
      const accessed = await documentService.read(principal, request.params.id);
      const resource = await readResource(documentService, accessed);
      const isKnown = isNotModified(request, reply, representationEtag(resource));
      return isKnown ? reply.code(304).send() : resource;
    },
  });

  typed.route({
    method: 'PATCH',
    url: '/api/v1/documents/:id',
    config: { conditional: 'write' },
    schema: {
      summary: 'Change a document',
      description:
        '`title` needs an editor, `anyone` an owner. `starred` and `folder` are personal, and need a reader. A `title` alone replaces the present one, as scripts want it. With `base`, the title that it was made from, it is merged: what others changed meanwhile stays. With `renameId` it may be sent again when no answer came. The answer has the title and its `titleVersion` as they are now.',
      tags: ['Documents'],
      security: [{ bearer: [] }, { guest: [] }, {}],
      params: documentParams,
      body: changeDocumentSchema,
      response: { 200: documentSchema },
    },
    handler: async (request, reply) => {
      const { title, base = null, renameId = null, anyone, starred, folder } = request.body;
      const changed = await documentService.change(
        await principalOfRequest(context, request),
        request.params.id,
        {
          anyone,
          starred,
          folder,
          ...(title !== undefined && { rename: { title, base, renameId } }),
        },
        async (accessed) =>
          requireMatch(request, representationEtag(await readResource(documentService, accessed))),
        () => requireIdentity(context, request, reply),
      );
      const resource = await readResource(documentService, changed);
      void reply.header('etag', representationEtag(resource));
      return resource;
    },
  });
}

function withCursor(url: string, cursor: string): string {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  searchParams.set('cursor', cursor);
  return `${pathname}?${searchParams.toString()}`;
}

function answerOf(
  created: CreatedDocument,
  creator: Identified,
): { status: 201; headers: Record<string, string>; body: DocumentResource } {
  const body = newResource(created, creator);
  const location = `/api/v1/documents/${created.record.id}`;
  return { status: 201, headers: { location, etag: representationEtag(body) }, body };
}
