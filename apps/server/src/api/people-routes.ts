/** People with a role of their own in a document. Owners invite, change and remove; each person may leave. */
import {
  accessPeopleSchema,
  accessPersonSchema,
  addPersonSchema,
  changePersonSchema,
  documentIdSchema,
  documentInvitationSchema,
  linkIdSchema,
  type AddPerson,
  type DocumentInvitation,
} from '@concord/protocol';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { isNotModified, representationEtag } from '../http/etags.ts';
import { keptWrite } from '../http/idempotency.ts';
import { principalOfRequest } from '../http/principal-of-request.ts';
import { invalidBody } from '../http/validation.ts';
import type { Invited } from '../sharing/document-invitations.ts';
import type { DocumentInvitationRecord } from '../store/ports/document-invitation-store.ts';
import type { ApiContext } from './context.ts';
import { documentParams, notModified } from './document-params.ts';

/** Of guests and accounts alike (accounts/guest.ts). */
const userIdPattern = /^[0-9a-f]{32}$/;
const personParams = z.strictObject({ id: documentIdSchema, userId: z.string().max(100) });

export function registerPeopleRoutes(app: FastifyInstance, context: ApiContext): void {
  const { people, documentInvitations } = context;
  const typed = app.withTypeProvider<ZodTypeProvider>();

  typed.route({
    method: 'GET',
    url: '/api/v1/documents/:id/people',
    config: { conditional: 'read' },
    schema: {
      summary: 'List people of a document',
      description:
        'Those with a role of their own, owners first, and those who were invited. For owners.',
      tags: ['Sharing'],
      security: [{ bearer: [] }, { guest: [] }],
      params: documentParams,
      response: { 200: accessPeopleSchema, 304: notModified },
    },
    handler: async (request, reply) => {
      const { id } = request.params;
      const principal = await principalOfRequest(context, request);
      const list = {
        people: [...(await people.list(principal, id))],
        invited: (await documentInvitations.openOf(principal, id)).map(resourceOf),
      };
      const isKnown = isNotModified(request, reply, representationEtag(list));
      return isKnown ? reply.code(304).send() : list;
    },
  });

  typed.route({
    method: 'POST',
    url: '/api/v1/documents/:id/people',
    schema: {
      summary: 'Invite a person to a document',
      description:
        'By the user name or the email address of an account, or by a user id. The person gets the role by accepting (`/me/invitations`). The answer is the same whether there is such a person or not. The same `login` or `userId` again changes the open invitation. For owners.',
      tags: ['Sharing'],
      security: [{ bearer: [] }, { guest: [] }],
      params: documentParams,
      body: addPersonSchema,
      response: { 201: documentInvitationSchema },
    },
    handler: async (request, reply) => {
      const { id } = request.params;
      const { role } = request.body;
      const invited = invitedOf(request.body);
      const principal = await principalOfRequest(context, request);
      const invitation = await documentInvitations.invite(principal, request.ip, id, {
        invited,
        role,
      });
      void reply.header('location', `/api/v1/documents/${id}/invitations/${invitation.id}`);
      return reply.code(201).send(resourceOf(invitation));
    },
  });

  typed.route({
    method: 'DELETE',
    url: '/api/v1/documents/:id/invitations/:invitationId',
    schema: {
      summary: 'Withdraw an invitation to a document',
      description: 'For owners.',
      tags: ['Sharing'],
      security: [{ bearer: [] }, { guest: [] }],
      params: z.strictObject({ id: documentIdSchema, invitationId: linkIdSchema }),
      response: { 204: z.undefined().describe('Withdrawn.') },
    },
    handler: async (request, reply) => {
      const { id, invitationId } = request.params;
      const principal = await principalOfRequest(context, request);
      await documentInvitations.withdraw(principal, id, invitationId);
      return reply.code(204).send();
    },
  });

  typed.route({
    method: 'PATCH',
    url: '/api/v1/documents/:id/people/:userId',
    schema: {
      summary: 'Change the role of a person',
      description:
        'The last owner stays one. A person becomes an owner by agreeing: invite them as one. For owners.',
      tags: ['Sharing'],
      security: [{ bearer: [] }, { guest: [] }],
      params: personParams,
      body: changePersonSchema,
      response: { 200: accessPersonSchema },
    },
    handler: async (request) => {
      const { id, userId } = request.params;
      const principal = await principalOfRequest(context, request);
      return people.setRole(principal, id, userId, request.body.role);
    },
  });

  typed.route({
    method: 'DELETE',
    url: '/api/v1/documents/:id/people/:userId',
    schema: {
      summary: 'Take a person’s access away',
      description:
        'Revokes their own role and those that links gave them so far, with effect on live sessions at once. For owners; each person may also remove themselves.',
      tags: ['Sharing'],
      security: [{ bearer: [] }, { guest: [] }],
      params: personParams,
      response: { 204: z.undefined().describe('Has no access of their own any more.') },
    },
    handler: async (request, reply) => {
      const { id, userId } = request.params;
      const principal = await principalOfRequest(context, request);
      await people.revoke(principal, id, userId, () => keptWrite(request, { status: 204 }));
      return reply.code(204).send();
    },
  });
}

function invitedOf({ login, userId }: AddPerson): Invited {
  if (login !== undefined && userId === undefined) return { login: login.toLowerCase() };
  if (userId === undefined || login !== undefined) {
    throw invalidBody('login', 'or userId must be given, and not both');
  }
  if (!userIdPattern.test(userId)) throw invalidBody('userId', 'is no user id');
  return { userId };
}

function resourceOf(record: DocumentInvitationRecord): DocumentInvitation {
  const { id, invited, role, createdAt, expiresAt } = record;
  return { id, invited, role, createdAt, expiresAt };
}
