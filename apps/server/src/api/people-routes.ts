/** People with a role of their own in a document. Owners decide; everybody may leave. */
import {
  accessPeopleSchema,
  accessPersonSchema,
  addPersonSchema,
  changePersonSchema,
  documentIdSchema,
  type AccessPerson,
  type AddPerson,
  type Role,
} from '@concord/protocol';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { guestName } from '../access/guest-names.ts';
import { userIdOf } from '../access/principal.ts';
import { Problem } from '../gateway/problem.ts';
import { LastOwnerError } from '../store/access-store.ts';
import type { ApiContext } from './context.ts';
import { documentParams, requireDocument, requireVerb } from './document-access.ts';
import { notModified } from './documents-routes.ts';
import { isNotModified, representationEtag } from './etags.ts';
import { storeAnswering } from './idempotency.ts';
import { requireScopeFor } from './document-access.ts';
import { invalidBody } from './validation.ts';

/** The whole list is read for every request: more people come by a link. */
const PEOPLE_MAX = 500;

const personParams = z.strictObject({ id: documentIdSchema, userId: z.string().max(100) });
/** Of guests and accounts alike (access/guest.ts). */
const userIdPattern = /^[0-9a-f]{32}$/;

export function registerPeopleRoutes(app: FastifyInstance, context: ApiContext): void {
  const { store, documents } = context;
  const typed = app.withTypeProvider<ZodTypeProvider>();

  typed.route({
    method: 'GET',
    url: '/api/v1/documents/:id/people',
    config: { conditional: 'read' },
    schema: {
      summary: 'List people of a document',
      description: 'Those with a role of their own, owners first. For owners.',
      tags: ['Sharing'],
      security: [{ bearer: [] }, { guest: [] }],
      params: documentParams,
      response: { 200: accessPeopleSchema, 304: notModified },
    },
    handler: async (request, reply) => {
      const { access } = await requireDocument(context, request, request.params.id, 'share');
      const people = await resourcesOf([...access.people]);
      const list = { people: people.sort(byRoleThenName) };
      const isKnown = isNotModified(request, reply, representationEtag(list));
      return isKnown ? reply.code(304).send() : list;
    },
  });

  typed.route({
    method: 'POST',
    url: '/api/v1/documents/:id/people',
    schema: {
      summary: 'Add a person to a document',
      description:
        'By the user name or the email address of an account, or by a user id. Somebody who is there already gets the role instead of the one they have. For owners.',
      tags: ['Sharing'],
      security: [{ bearer: [] }, { guest: [] }],
      params: documentParams,
      body: addPersonSchema,
      response: {
        200: accessPersonSchema.describe('Was there; has this role now.'),
        201: accessPersonSchema,
      },
    },
    handler: async (request, reply) => {
      const { id } = request.params;
      const { role } = request.body;
      const { access } = await requireDocument(context, request, id, 'share');
      const userId = await userIdOfNamed(request.body);
      const isNew = !access.people.has(userId);
      if (isNew && access.people.size >= PEOPLE_MAX) {
        const detail = `A document has at most ${PEOPLE_MAX} people: share it by a link.`;
        throw new Problem(409, 'tooManyPeople', 'Too many', detail);
      }
      const person = await grant(id, userId, role);
      void reply.header('location', `/api/v1/documents/${id}/people/${userId}`);
      return reply.code(isNew ? 201 : 200).send(person);
    },
  });

  typed.route({
    method: 'PATCH',
    url: '/api/v1/documents/:id/people/:userId',
    schema: {
      summary: 'Change the role of a person',
      description: 'The last owner stays one. For owners.',
      tags: ['Sharing'],
      security: [{ bearer: [] }, { guest: [] }],
      params: personParams,
      body: changePersonSchema,
      response: { 200: accessPersonSchema },
    },
    handler: async (request) => {
      const { id, userId } = request.params;
      const { access } = await requireDocument(context, request, id, 'share');
      if (!access.people.has(userId)) throw noSuchPerson();
      return grant(id, userId, request.body.role);
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
      await documents.accessChanged(id);
      return reply.code(204).send();
    },
  });

  async function grant(
    id: z.infer<typeof documentIdSchema>,
    userId: string,
    role: Role,
  ): Promise<AccessPerson> {
    await store.access.grant(id, userId, role).catch(refuseLastOwner);
    await documents.accessChanged(id);
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

  async function userIdOfNamed({ login, userId }: AddPerson): Promise<string> {
    if ((login === undefined) === (userId === undefined)) {
      throw invalidBody('login', 'or userId must be given, and not both');
    }
    if (userId !== undefined && userIdPattern.test(userId)) return userId;
    const account = login === undefined ? null : await store.accounts.ofLogin(login.toLowerCase());
    if (account !== null && account.disabledAt === null) return account.userId;
    const detail = 'There is no account with this name or address.';
    throw new Problem(404, 'noSuchAccount', 'Not found', detail);
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
  const detail = 'A document always has an owner: make somebody else one first.';
  throw new Problem(409, 'lastOwner', 'Last owner', detail);
}

function noSuchPerson(): Problem {
  const detail = 'This person has no access of their own to the document.';
  return new Problem(404, 'noSuchPerson', 'Not found', detail);
}
