/** Invitations to documents, answered by those who were invited: nobody gets a role unasked. */
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
import { userIdOf } from '../access/principal.ts';
import { Problem } from '../http/problem.ts';
import type { ApiContext } from './context.ts';
import { requireScopeFor } from './document-access.ts';
import { principalOfRequest, type AskingRequest } from '../http/principal-of-request.ts';
import { noStore } from './signed-in-reply.ts';

/** More would not be read; the oldest are answered first. */
const LISTED_MAX = 200;

const invitationParams = z.strictObject({ invitationId: linkIdSchema });

export function registerReceivedInvitationRoutes(app: FastifyInstance, context: ApiContext): void {
  const { store, events } = context;
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
      const userId = await invitedPerson(request);
      if (userId === null) return { invitations: [] };
      const received = await store.documentInvitations.receivedBy(userId, Date.now(), LISTED_MAX);
      const people = await store.people.namesOf(received.map(({ invitedBy }) => invitedBy));
      return {
        invitations: received.map(({ invitedBy, ...invitation }) => {
          const inviter = people.get(invitedBy);
          const name = inviter?.name ?? guestName(invitedBy);
          return { ...invitation, from: { name, userName: inviter?.userName ?? null } };
        }),
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
      const userId = await invitedPerson(request);
      const { invitationId } = request.params;
      const { documentInvitations } = store;
      const documentId =
        userId === null ? null : await documentInvitations.accept(invitationId, userId, Date.now());
      if (documentId === null) throw noSuchInvitation();
      await events.publish({ type: 'accessChanged', documentId });
      const title = (await store.documents.get(documentId))?.title ?? '';
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
      const userId = await invitedPerson(request);
      const { invitationId } = request.params;
      const { documentInvitations } = store;
      const isDeclined =
        userId !== null && (await documentInvitations.decline(invitationId, userId, Date.now()));
      if (!isDeclined) throw noSuchInvitation();
      return reply.code(204).send();
    },
  });

  async function invitedPerson(request: AskingRequest): Promise<string | null> {
    const principal = await principalOfRequest(context, request);
    requireScopeFor(principal, 'share');
    return userIdOf(principal);
  }
}

function noSuchInvitation(): Problem {
  const detail = 'You have no such invitation (any more): it was answered, withdrawn, or too old.';
  return new Problem(404, 'noSuchInvitation', 'Not found', detail);
}
