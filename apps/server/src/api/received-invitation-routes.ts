/** Invitations to documents, answered by the invited person: a role needs consent. */
import {
  acceptedInvitationSchema,
  documentPath,
  linkIdSchema,
  receivedInvitationsSchema,
} from '@concord/protocol';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { guestName } from '../access/guest-names.ts';
import { principalOfRequest } from '../http/principal-of-request.ts';
import type { ApiContext } from './context.ts';
import { noStore } from './signed-in-reply.ts';

const invitationParams = z.strictObject({ invitationId: linkIdSchema });

export function registerReceivedInvitationRoutes(app: FastifyInstance, context: ApiContext): void {
  const { documentInvitations } = context;
  const typed = app.withTypeProvider<ZodTypeProvider>();

  typed.route({
    method: 'GET',
    url: '/api/v1/me/invitations',
    onRequest: noStore,
    schema: {
      summary: 'List invitations to documents',
      description: 'Those that wait for the answer of the one who asks, oldest first.',
      tags: ['Sharing'],
      security: [{ bearer: [] }, { guest: [] }, {}],
      response: { 200: receivedInvitationsSchema },
    },
    handler: async (request) => {
      const received = await documentInvitations.received(
        await principalOfRequest(context, request),
      );
      return {
        invitations: received.map(({ invitedBy, inviter, ...invitation }) => ({
          ...invitation,
          from: { name: inviter.name ?? guestName(invitedBy), userName: inviter.userName },
        })),
      };
    },
  });

  typed.route({
    method: 'POST',
    url: '/api/v1/me/invitations/:invitationId/accept',
    onRequest: noStore,
    schema: {
      summary: 'Accept an invitation to a document',
      description: 'Gives its role to the one who asks. A higher one that they have stays.',
      tags: ['Sharing'],
      security: [{ bearer: [] }, { guest: [] }, {}],
      params: invitationParams,
      response: { 200: acceptedInvitationSchema },
    },
    handler: async (request) => {
      const principal = await principalOfRequest(context, request);
      const { invitationId } = request.params;
      const { documentId, title } = await documentInvitations.accept(principal, invitationId);
      return { documentId, url: documentPath(documentId, title) };
    },
  });

  typed.route({
    method: 'DELETE',
    url: '/api/v1/me/invitations/:invitationId',
    onRequest: noStore,
    schema: {
      summary: 'Decline an invitation to a document',
      description: 'The person who invited is not told.',
      tags: ['Sharing'],
      security: [{ bearer: [] }, { guest: [] }, {}],
      params: invitationParams,
      response: { 204: z.undefined().describe('Declined.') },
    },
    handler: async (request, reply) => {
      const principal = await principalOfRequest(context, request);
      await documentInvitations.decline(principal, request.params.invitationId);
      return reply.code(204).send();
    },
  });
}
