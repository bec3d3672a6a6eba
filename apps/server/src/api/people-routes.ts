/** People with a role of their own in a document. Owners invite, change and remove; everybody may leave. */
import {
  accessPeopleSchema,
  accessPersonSchema,
  addPersonSchema,
  changePersonSchema,
  documentIdSchema,
  documentInvitationSchema,
  linkIdSchema,
  type AccessPerson,
  type Role,
} from '@concord/protocol';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { guestName } from '../access/guest-names.ts';
import { userIdOf } from '../access/principal.ts';
import { Problem } from '../http/problem.ts';
import { LastOwnerError } from '../store/ports/access-store.ts';
import type { ApiContext } from './context.ts';
import { documentParams, requireDocument, requireVerb } from './document-access.ts';
import { notModified } from './documents-routes.ts';
import { isNotModified, representationEtag } from '../http/etags.ts';
import { storeAnswering } from '../http/idempotency.ts';
import { requireScopeFor } from './document-access.ts';
import { DocumentInvitations } from './document-invitations.ts';

const personParams = z.strictObject({ id: documentIdSchema, userId: z.string().max(100) });

export function registerPeopleRoutes(app: FastifyInstance, context: ApiContext): void {
  const { store, events } = context;
  const invitations = new DocumentInvitations(context);
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
      const { access } = await requireDocument(context, request, request.params.id, 'share');
      const people = await resourcesOf([...access.people]);
      const invited = await invitations.openOf(request.params.id);
      const list = { people: people.sort(byRoleThenName), invited };
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
      const { access, principal } = await requireDocument(context, request, id, 'share');
      const invitation = await invitations.invite(
        { documentId: id, people: access.people.size, inviter: principal, address: request.ip },
        request.body,
      );
      void reply.header('location', `/api/v1/documents/${id}/invitations/${invitation.id}`);
      return reply.code(201).send(invitation);
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
      await requireDocument(context, request, id, 'share');
      if (!(await store.documentInvitations.withdraw(id, invitationId, Date.now()))) {
        const detail = 'The document has no such invitation (any more).';
        throw new Problem(404, 'noSuchInvitation', 'Not found', detail);
      }
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
      const { access } = await requireDocument(context, request, id, 'share');
      const { role } = request.body;
      const own = access.people.get(userId);
      if (own === undefined) throw noSuchPerson();
      if (role === 'owner' && own !== 'owner') throw ownerByInvitation();
      return grant(id, userId, role);
    },
  });

  typed.route({
    method: 'DELETE',
    url: '/api/v1/documents/:id/people/:userId',
    schema: {
      summary: 'Take a person’s access away',
      description:
        'Their own role, and what links gave them so far; live sessions hear of it at once. For owners, and for the person: everybody may leave.',
      tags: ['Sharing'],
      security: [{ bearer: [] }, { guest: [] }],
      params: personParams,
      response: { 204: z.undefined().describe('Has no access of their own any more.') },
    },
    handler: async (request, reply) => {
      const { id, userId } = request.params;
      const accessed = await requireDocument(context, request, id, 'read');
      requireScopeFor(accessed.principal, 'share');
      if (userId !== userIdOf(accessed.principal)) requireVerb(accessed, 'share');
      const { access } = storeAnswering(store, request, { status: 204 });
      const isRevoked = await access.revoke(id, userId).catch(refuseLastOwner);
      if (!isRevoked) throw noSuchPerson();
      await events.publish({ type: 'accessChanged', documentId: id });
      return reply.code(204).send();
    },
  });

  async function grant(
    id: z.infer<typeof documentIdSchema>,
    userId: string,
    role: Role,
  ): Promise<AccessPerson> {
    await store.access.grant(id, userId, role).catch(refuseLastOwner);
    await events.publish({ type: 'accessChanged', documentId: id });
    const [person] = await resourcesOf([[userId, role]]);
    if (person === undefined) throw noSuchPerson();
    return person;
  }

  async function resourcesOf(
    people: readonly (readonly [string, Role])[],
  ): Promise<AccessPerson[]> {
    const names = await store.people.namesOf(people.map(([userId]) => userId));
    return people.map(([userId, role]) => {
      const known = names.get(userId);
      const name = known?.name ?? guestName(userId);
      return { userId, name, userName: known?.userName ?? null, role };
    });
  }
}

const descending: readonly Role[] = ['owner', 'editor', 'commenter', 'viewer'];

function byRoleThenName(one: AccessPerson, other: AccessPerson): number {
  return (
    descending.indexOf(one.role) - descending.indexOf(other.role) ||
    one.name.localeCompare(other.name) ||
    (one.userId < other.userId ? -1 : 1)
  );
}

function refuseLastOwner(error: unknown): never {
  if (!(error instanceof LastOwnerError)) throw error;
  const detail = 'A document always has an owner: make another person one first.';
  throw new Problem(409, 'lastOwner', 'Last owner', detail);
}

function ownerByInvitation(): Problem {
  const detail = 'A person becomes an owner only by agreeing: invite this person as an owner.';
  return new Problem(409, 'ownerByInvitation', 'Needs an invitation', detail);
}

function noSuchPerson(): Problem {
  const detail = 'This person has no access of their own to the document.';
  return new Problem(404, 'noSuchPerson', 'Not found', detail);
}
