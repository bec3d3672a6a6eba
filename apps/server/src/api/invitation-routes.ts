/** Invitations: how administrators let people in where sign-up is not open. */
import {
  createdInvitationSchema,
  createInvitationSchema,
  invitationsSchema,
  randomId,
  type Invitation,
} from '@concord/protocol';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { invitationPath } from '../accounts/first-start.ts';
import { tokenHash } from '../accounts/secrets.ts';
import { Problem } from '../http/problem.ts';
import type { InvitationRecord } from '../store/ports/account-store.ts';
import type { ApiContext } from './context.ts';
import { storeAnswering } from '../http/idempotency.ts';
import { requireAdmin } from '../http/principal-of-request.ts';
import { noStore } from './signed-in-reply.ts';

const INVITATION_MS = 7 * 24 * 60 * 60 * 1_000;

export function registerInvitationRoutes(app: FastifyInstance, context: ApiContext): void {
  const { store, config } = context;
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
      const records = await store.invitations.list();
      const users = records.flatMap(({ usedBy }) => (usedBy === null ? [] : [usedBy]));
      const people = await store.people.namesOf(users);
      return {
        invitations: records.map((record) =>
          // An account that was deleted since has no user name any more.
          resourceOf(record, people.get(record.usedBy ?? '')?.userName ?? record.usedBy),
        ),
      };
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
      if (config.signUp === 'closed' && !isAdmin) {
        const detail = 'Sign-up is closed here: only administrators can be invited.';
        throw new Problem(409, 'signUpClosed', 'Closed', detail);
      }
      const token = randomId();
      const now = Date.now();
      const record: InvitationRecord = {
        id: randomId(),
        tokenHash: tokenHash(token),
        label,
        isAdmin,
        createdBy: userId,
        createdAt: now,
        expiresAt: now + INVITATION_MS,
        usedBy: null,
      };
      const headers = { location: `/api/v1/invitations/${record.id}` };
      const body = { ...resourceOf(record, null), url: invitationPath(token) };
      const answer = { status: 201, headers, body };
      await storeAnswering(store, request, answer).invitations.create(record);
      void reply.code(201).headers(headers);
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
      const { invitations } = storeAnswering(store, request, { status: 204 });
      if (!(await invitations.remove(request.params.id))) {
        throw new Problem(404, 'notFound', 'Not found', 'There is no such invitation.');
      }
      return reply.code(204).send();
    },
  });
}

function resourceOf(record: InvitationRecord, usedBy: string | null): Invitation {
  const { id, label, isAdmin, createdAt, expiresAt } = record;
  return { id, label, isAdmin, createdAt, expiresAt, usedBy };
}
