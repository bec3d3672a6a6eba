/** Share links: addresses that give a role to whoever opens them (docs/security.md#ids-and-links). */
import {
  changeShareLinkSchema,
  createdShareLinkSchema,
  createShareLinkSchema,
  documentIdSchema,
  linkIdSchema,
  openedShareLinkSchema,
  openShareLinkSchema,
  randomId,
  shareLinkSchema,
  shareLinksSchema,
  type DocumentId,
  type ShareLink,
} from '@concord/protocol';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { tokenHash } from '../accounts/secrets.ts';
import { notFound, Problem } from '../http/problem.ts';
import type { ListedShareLink, ShareLinkRecord } from '../store/ports/access-store.ts';
import type { ApiContext } from './context.ts';
import { documentParams, requireDocument } from './document-access.ts';
import { notModified } from './documents-routes.ts';
import { isNotModified, representationEtag } from '../http/etags.ts';
import { storeAnswering } from '../http/idempotency.ts';
import { openShareLink } from './open-share-link.ts';
import { requireIdentity } from '../http/principal-of-request.ts';
import { requireScopeFor } from './document-access.ts';
import { noStore } from './signed-in-reply.ts';
import { invalidBody } from '../http/validation.ts';

/** All of them are read for every request that asks who may do what. */
const LINKS_MAX = 100;

const linkParams = z.strictObject({ id: documentIdSchema, linkId: linkIdSchema });

export function registerShareLinkRoutes(app: FastifyInstance, context: ApiContext): void {
  const { store, events } = context;
  const { passwords } = context.services;
  const typed = app.withTypeProvider<ZodTypeProvider>();

  typed.route({
    method: 'GET',
    url: '/api/v1/documents/:id/links',
    config: { conditional: 'read' },
    schema: {
      summary: 'List share links',
      description:
        'Oldest first, without their addresses, which only their creator saw. For owners.',
      tags: ['Sharing'],
      security: [{ bearer: [] }, { guest: [] }],
      params: documentParams,
      response: { 200: shareLinksSchema, 304: notModified },
    },
    handler: async (request, reply) => {
      const { id } = request.params;
      await requireDocument(context, request, id, 'share');
      const links = await store.access.links(id);
      const list = { shareLinks: links.map(resourceOf) };
      const isKnown = isNotModified(request, reply, representationEtag(list));
      return isKnown ? reply.code(304).send() : list;
    },
  });

  typed.route({
    method: 'POST',
    url: '/api/v1/documents/:id/links',
    onRequest: noStore,
    schema: {
      summary: 'Make a share link',
      description: 'The answer is the only place where its address can be read. For owners.',
      tags: ['Sharing'],
      security: [{ bearer: [] }, { guest: [] }],
      params: documentParams,
      body: createShareLinkSchema,
      response: { 201: createdShareLinkSchema },
    },
    handler: async (request, reply) => {
      const { id } = request.params;
      const { role, label = '', password, expiresAt = null } = request.body;
      const { principal } = await requireDocument(context, request, id, 'share');
      requireFuture(expiresAt);
      if ((await store.access.links(id)).length >= LINKS_MAX) {
        const detail = `A document has at most ${LINKS_MAX} links: take one back that is not used.`;
        throw new Problem(409, 'tooManyLinks', 'Too many', detail);
      }
      const token = randomId();
      const record: ShareLinkRecord = {
        id: randomId(),
        documentId: id,
        role,
        label,
        tokenHash: tokenHash(token),
        passwordHash: password === undefined ? null : await passwords.hash(password),
        createdBy: principal.kind === 'nobody' ? '' : principal.userId,
        createdAt: Date.now(),
        expiresAt,
      };
      const headers = { location: `/api/v1/documents/${id}/links/${record.id}` };
      const body = { ...resourceOf({ ...record, people: 0 }), url: `/s/${token}` };
      await storeAnswering(store, request, { status: 201, headers, body }).access.addLink(record);
      await events.publish({ type: 'accessChanged', documentId: id });
      void reply.code(201).headers(headers);
      return body;
    },
  });

  typed.route({
    method: 'PATCH',
    url: '/api/v1/documents/:id/links/:linkId',
    schema: {
      summary: 'Change a share link',
      description: 'A new password asks everybody again who came by it. For owners.',
      tags: ['Sharing'],
      security: [{ bearer: [] }, { guest: [] }],
      params: linkParams,
      body: changeShareLinkSchema,
      response: { 200: shareLinkSchema },
    },
    handler: async (request) => {
      const { id, linkId } = request.params;
      const { role, label, password, expiresAt } = request.body;
      await requireDocument(context, request, id, 'share');
      if (expiresAt !== undefined) requireFuture(expiresAt);
      await linkOf(id, linkId);
      await store.access.changeLink(id, linkId, {
        ...(role !== undefined && { role }),
        ...(label !== undefined && { label }),
        ...(expiresAt !== undefined && { expiresAt }),
        ...(password !== undefined && {
          passwordHash: password === null ? null : await passwords.hash(password),
        }),
      });
      await events.publish({ type: 'accessChanged', documentId: id });
      return resourceOf(await linkOf(id, linkId));
    },
  });

  typed.route({
    method: 'DELETE',
    url: '/api/v1/documents/:id/links/:linkId',
    schema: {
      summary: 'Take a share link back',
      description:
        'People who opened it lose what it gave; live sessions hear of it at once. For owners.',
      tags: ['Sharing'],
      security: [{ bearer: [] }, { guest: [] }],
      params: linkParams,
      response: { 204: z.undefined().describe('Taken back.') },
    },
    handler: async (request, reply) => {
      const { id, linkId } = request.params;
      await requireDocument(context, request, id, 'share');
      const { access } = storeAnswering(store, request, { status: 204 });
      if (!(await access.removeLink(id, linkId))) throw noSuchLink();
      await events.publish({ type: 'accessChanged', documentId: id });
      return reply.code(204).send();
    },
  });

  typed.route({
    method: 'POST',
    url: '/api/v1/links/open',
    onRequest: noStore,
    schema: {
      summary: 'Open a share link',
      description:
        'Gives its role to the one who asks. Unknown, expired and taken back are the same 404. 403 `linkPassword` asks for the password. 409 `linkFull` when 2,000 people have a role by the document’s links.',
      tags: ['Sharing'],
      security: [{ bearer: [] }, { guest: [] }, {}],
      body: openShareLinkSchema,
      response: { 200: openedShareLinkSchema },
    },
    handler: async (request, reply) => {
      const principal = await requireIdentity(context, request, reply);
      requireScopeFor(principal, 'share');
      return openShareLink(context, request.ip, principal.userId, request.body);
    },
  });

  async function linkOf(id: DocumentId, linkId: string): Promise<ListedShareLink> {
    const link = (await store.access.links(id)).find((each) => each.id === linkId);
    if (link === undefined) throw noSuchLink();
    return link;
  }
}

function resourceOf(link: ListedShareLink): ShareLink {
  const { id, role, label, passwordHash, createdAt, expiresAt, people } = link;
  return { id, role, label, hasPassword: passwordHash !== null, createdAt, expiresAt, people };
}

function requireFuture(expiresAt: number | null): void {
  if (expiresAt !== null && expiresAt <= Date.now()) {
    throw invalidBody('expiresAt', 'must be in the future');
  }
}

function noSuchLink(): Problem {
  const { status, code, title } = notFound();
  return new Problem(status, code, title, 'The document has no such link.');
}
