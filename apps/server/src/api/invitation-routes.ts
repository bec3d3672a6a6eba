/** Invitations to an account, by which administrators admit people where sign-up is not open. */
import {
  createdInvitationSchema,
  createInvitationSchema,
  invitationsSchema,
  type CreatedInvitation,
  type Invitation,
} from '@concord/protocol';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { invitationPath } from '../accounts/first-start.ts';
import type { AddedInvitation, ListedInvitation } from '../accounts/account-invitations.ts';
import type { ApiContext } from './context.ts';
import { keptWrite } from '../http/idempotency.ts';
import { requireAdmin } from '../http/principal-of-request.ts';
import { noStore } from './signed-in-reply.ts';

export function registerInvitationRoutes(app: FastifyInstance, context: ApiContext): void {
  const { accountInvitations } = context.services;
  const typed = app.withTypeProvider<ZodTypeProvider>();

  typed.route({
    method: 'GET',
    url: '/api/v1/invitations',
    onRequest: noStore,
    schema: {
      summary: 'List invitations',
      description: 'Newest first. For administrators.',
      tags: ['Administration'],
      security: [{ bearer: [] }],
      response: { 200: invitationsSchema },
    },
    handler: async (request) => {
      await requireAdmin(context, request);
      return { invitations: (await accountInvitations.list()).map(resourceOf) };
    },
  });

  typed.route({
    method: 'POST',
    url: '/api/v1/invitations',
    onRequest: noStore,
    schema: {
      summary: 'Invite a person',
      description:
        'Good once, and for a week. The answer is the only place where its address can be read. For administrators.',
      tags: ['Administration'],
      security: [{ bearer: [] }],
      body: createInvitationSchema,
      response: { 201: createdInvitationSchema },
    },
    handler: async (request, reply) => {
      const { userId } = await requireAdmin(context, request);
      const { label = '', isAdmin = false } = request.body;
      const added = await accountInvitations.create(userId, { label, isAdmin }, (wanted) =>
        keptWrite(request, answerOf(wanted)),
      );
      const { status, headers, body } = answerOf(added);
      void reply.code(status).headers(headers);
      return body;
    },
  });

  typed.route({
    method: 'DELETE',
    url: '/api/v1/invitations/:id',
    onRequest: noStore,
    schema: {
      summary: 'Take an invitation back',
      description: 'For administrators.',
      tags: ['Administration'],
      security: [{ bearer: [] }],
      params: z.strictObject({ id: z.string().max(100) }),
      response: { 204: z.undefined().describe('Taken back.') },
    },
    handler: async (request, reply) => {
      await requireAdmin(context, request);
      await accountInvitations.remove(request.params.id, () => keptWrite(request, { status: 204 }));
      return reply.code(204).send();
    },
  });
}

function answerOf({ record, token }: AddedInvitation): {
  status: 201;
  headers: Record<string, string>;
  body: CreatedInvitation;
} {
  const location = `/api/v1/invitations/${record.id}`;
  const body = { ...resourceOf({ ...record, usedByName: null }), url: invitationPath(token) };
  return { status: 201, headers: { location }, body };
}

function resourceOf(invitation: ListedInvitation): Invitation {
  const { id, label, isAdmin, createdAt, expiresAt, usedByName: usedBy } = invitation;
  return { id, label, isAdmin, createdAt, expiresAt, usedBy };
}
