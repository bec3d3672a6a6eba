/** Documents: the list, creating, reading and changing one. Trash and texts have files of their own. */
import {
  changeDocumentSchema,
  createDocumentSchema,
  documentListSchema,
  documentSchema,
  folderListSchema,
  listDocumentsQuerySchema,
  randomDocumentId,
  SEARCH_WORDS,
  type CreateDocument,
  type DocumentId,
  type DocumentList,
  type DocumentResource,
} from '@concord/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { networkOf } from '../platform/attempts.ts';
import { userIdOf } from '../access/principal.ts';
import { notFound, Problem } from '../http/problem.ts';
import { SearchQueue } from '../documents/search-queue.ts';
import { searchTermsOf } from '../store/search/search-words.ts';
import { writerOf } from '../documents/quotas/quotas.ts';
import { requireRoomForDocument } from '../http/require-room.ts';
import { costOfDocument } from '../documents/quotas/storage-cost.ts';
import type { ApiContext } from './context.ts';
import {
  documentParams,
  readableDocument,
  requireDocument,
  requireNotTrashed,
  requireScopeFor,
  requireVerb,
} from './document-access.ts';
import { listedResource, newResource, readResource } from './document-resource.ts';
import { isNotModified, representationEtag, requireMatch } from '../http/etags.ts';
import { mayCreate } from './me-routes.ts';
import { storeAnswering } from '../http/idempotency.ts';
import { jsonBodyBytes } from '../http/large-bodies.ts';
import { createDocument, firstText } from './new-document.ts';
import { principalOfRequest, requireIdentity } from '../http/principal-of-request.ts';

/** The answer to a condition that holds no more. */
export const notModified = z.undefined().describe('Nothing changed.');

export function registerDocumentsRoutes(app: FastifyInstance, context: ApiContext): void {
  const { store, events, config, services } = context;
  const { quotas } = services;
  const typed = app.withTypeProvider<ZodTypeProvider>();
  const searches = new SearchQueue();

  /** Rejects as {@link createDocument}, and with a {@link Problem} 403 `accountNeeded` or 401. */
  const create = async (
    request: FastifyRequest<{ Body: CreateDocument }>,
    reply: FastifyReply,
    id: DocumentId,
  ): Promise<DocumentResource> => {
    const { title = '', text = '', anyone = 'off', folder = '' } = request.body;
    const principal = await principalOfRequest(context, request);
    requireScopeFor(principal, 'write');
    if (anyone !== 'off') requireScopeFor(principal, 'share');
    const creator = await requireIdentity(context, request, reply);
    if (!mayCreate(config, creator)) throw guestsMayNotCreate();
    const { userId: owner } = creator;
    const writer = writerOf(creator, request.ip);
    await requireRoomForDocument(quotas, writer);
    const first = firstText(config.limits, { id, title, text, anyone, owner, folder });
    const resource = newResource(first, await store.people.nameOf(owner), creator);
    const headers = { location: `/api/v1/documents/${id}`, etag: representationEtag(resource) };
    const answer = { status: 201, headers, body: resource };
    await createDocument(storeAnswering(store, request, answer), events, first);
    quotas.charge(writer, id, costOfDocument(text));
    void reply.code(201).headers(headers);
    return resource;
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
      requireScopeFor(principal, 'read');
      const userId = userIdOf(principal);
      const { view, folder = null, q = null, limit, cursor = null } = request.query;
      const now = Date.now();
      const page =
        userId === null
          ? { entries: [], nextCursor: null }
          : q === null
            ? await store.library.list({ userId, view, folder, search: null, limit, cursor, now })
            : await searches.run({ userId, network: networkOf(request.ip) }, (signal) => {
                requireFewWords(q);
                const query = { userId, view, folder, search: q, limit, cursor, now };
                return store.library.list(query, signal);
              });
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
      requireScopeFor(principal, 'read');
      const userId = userIdOf(principal);
      const folders = userId === null ? [] : await store.library.folders(userId, Date.now());
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
      requireScopeFor(principal, 'write');
      const existing = await readableDocument(context, principal, id);
      if (existing === null) return create(request, reply, id);
      const resource = await readResource(context, existing);
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
      const accessed = await requireDocument(context, request, request.params.id, 'read');
      const resource = await readResource(context, accessed);
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
      const { id } = request.params;
      const { title, base = null, renameId = null, anyone, starred, folder } = request.body;
      const accessed = await requireDocument(context, request, id, 'read');
      const { principal } = accessed;
      // Nothing is changed unless everything may be.
      requireScopeFor(principal, anyone === undefined ? 'write' : 'share');
      if (title !== undefined) requireVerb(accessed, 'write');
      if (anyone !== undefined) requireVerb(accessed, 'share');
      if (title !== undefined || anyone !== undefined) requireNotTrashed(accessed);
      requireMatch(request, representationEtag(await readResource(context, accessed)));
      if (title !== undefined) {
        const rename = { title, base, renameId };
        const named = await store.documents.rename(id, rename, Date.now());
        if (named === null) throw notFound();
        await events.publish({ type: 'documentRenamed', documentId: id, ...named, renameId });
      }
      if (anyone !== undefined) {
        await store.access.setAnyone(id, anyone);
        await events.publish({ type: 'accessChanged', documentId: id });
      }
      if (starred !== undefined || folder !== undefined) {
        const { userId } = await requireIdentity(context, request, reply);
        if (starred !== undefined) await store.library.setStarred(userId, id, starred);
        if (folder !== undefined) await store.library.setFolder(userId, id, folder);
      }
      const changed = await requireDocument(context, request, id, 'read');
      const resource = await readResource(context, changed);
      void reply.header('etag', representationEtag(resource));
      return resource;
    },
  });
}

/** Throws a {@link Problem} 400 `tooManyWords`. */
function requireFewWords(search: string): void {
  const words = searchTermsOf(search).length;
  if (words <= SEARCH_WORDS) return;
  const detail = `A search has at most ${SEARCH_WORDS} different words; this one has ${words}. Leave some out.`;
  throw new Problem(400, 'tooManyWords', 'Too many words', detail);
}

function withCursor(url: string, cursor: string): string {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  searchParams.set('cursor', cursor);
  return `${pathname}?${searchParams.toString()}`;
}

function guestsMayNotCreate(): Problem {
  const detail = 'Here only people with an account create documents: sign in first.';
  return new Problem(403, 'accountNeeded', 'Forbidden', detail);
}
