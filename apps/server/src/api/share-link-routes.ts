/** Share links: addresses that give a role to each person who opens them (docs/security.md#ids-and-links). */
import {
  changeShareLinkSchema,
  createdShareLinkSchema,
  createShareLinkSchema,
  documentIdSchema,
  documentPath,
  linkIdSchema,
  openedShareLinkSchema,
  openShareLinkSchema,
  shareLinkSchema,
  shareLinksSchema,
  type ShareLink,
} from '@concord/protocol';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { isNotModified, representationEtag } from '../http/etags.ts';
import { keptWrite } from '../http/idempotency.ts';
import { principalOfRequest, requireIdentity } from '../http/principal-of-request.ts';
import { invalidBody } from '../http/validation.ts';
import type { AddedLink } from '../sharing/share-links.ts';
import type { ListedShareLink } from '../store/ports/access-store.ts';
import type { ApiContext } from './context.ts';
import { documentParams, notModified } from './document-params.ts';
import { noStore } from './signed-in-reply.ts';

const linkParams = z.strictObject({ id: documentIdSchema, linkId: linkIdSchema });

export function registerShareLinkRoutes(app: FastifyInstance, context: ApiContext): void {
  const { shareLinks } = context;
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
      const principal = await principalOfRequest(context, request);
      const links = await shareLinks.list(principal, request.params.id);
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
      const { role, label = '', password = null, expiresAt = null } = request.body;
      requireFuture(expiresAt);
      const added = await shareLinks.add(
        await principalOfRequest(context, request),
        request.params.id,
        { role, label, password, expiresAt },
        (wanted) => keptWrite(request, answerOf(wanted)),
      );
      const { status, headers, body } = answerOf(added);
      void reply.code(status).headers(headers);
      return body;
    },
  });

  typed.route({
    method: 'PATCH',
    url: '/api/v1/documents/:id/links/:linkId',
    schema: {
      summary: 'Change a share link',
      description:
        'After a new password, each person who used the link has to enter it again. For owners.',
      tags: ['Sharing'],
      security: [{ bearer: [] }, { guest: [] }],
      params: linkParams,
      body: changeShareLinkSchema,
      response: { 200: shareLinkSchema },
    },
    handler: async (request) => {
      const { id, linkId } = request.params;
      const { role, label, password, expiresAt } = request.body;
      if (expiresAt !== undefined) requireFuture(expiresAt);
      const principal = await principalOfRequest(context, request);
      const change = { role, label, password, expiresAt };
      return resourceOf(await shareLinks.change(principal, id, linkId, change));
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
      const principal = await principalOfRequest(context, request);
      await shareLinks.remove(principal, id, linkId, () => keptWrite(request, { status: 204 }));
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
      const opened = await shareLinks.open(principal, request.ip, request.body);
      const { documentId, role, title } = opened;
      return { documentId, role, url: documentPath(documentId, title) };
    },
  });
}

function answerOf({ link, token }: AddedLink): {
  status: 201;
  headers: Record<string, string>;
  body: ShareLink & { url: string };
} {
  const location = `/api/v1/documents/${link.documentId}/links/${link.id}`;
  return { status: 201, headers: { location }, body: { ...resourceOf(link), url: `/s/${token}` } };
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
