/** The trash: where deleted documents wait, and from where they come back or go for ever. */
import { documentSchema, TRASH_DAYS } from '@concord/protocol';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { Problem } from '../http/problem.ts';
import type { ApiContext } from './context.ts';
import { documentParams, requireDocument } from './document-access.ts';
import { readResource } from './document-resource.ts';
import { representationEtag, requireMatch } from '../http/etags.ts';
import { storeAnswering } from '../http/idempotency.ts';
import { purge } from '../jobs/housekeeping.ts';

const deleteQuerySchema = z.strictObject({
  /** Of a document that is in the trash already. */
  forever: z.enum(['true', 'false']).default('false'),
});

export function registerTrashRoutes(app: FastifyInstance, context: ApiContext): void {
  const { store, events } = context;
  const typed = app.withTypeProvider<ZodTypeProvider>();

  typed.route({
    method: 'DELETE',
    url: '/api/v1/documents/:id',
    config: { conditional: 'write' },
    schema: {
      summary: 'Delete a document',
      description: `Puts it into the trash, where its owners find it for ${TRASH_DAYS} days; live sessions end. One that is there already is deleted permanently with \`forever=true\`.`,
      tags: ['Trash'],
      security: [{ bearer: [] }, { guest: [] }],
      params: documentParams,
      querystring: deleteQuerySchema,
      response: { 204: z.undefined().describe('Deleted.') },
    },
    handler: async (request, reply) => {
      const { id } = request.params;
      const isForEver = request.query.forever === 'true';
      const accessed = await requireDocument(context, request, id, 'delete');
      requireMatch(request, representationEtag(await readResource(context, accessed)));
      const { isTrashed } = accessed.access;
      if (isTrashed && !isForEver) {
        const detail = 'It is in the trash: `?forever=true` deletes it permanently.';
        throw new Problem(409, 'inTrash', 'In the trash', detail);
      }
      if (!isTrashed && isForEver) {
        const detail =
          'Only what is in the trash can be deleted permanently: delete it without `forever` first.';
        throw new Problem(409, 'notInTrash', 'Not in the trash', detail);
      }
      const answering = storeAnswering(store, request, { status: 204 });
      if (isForEver) await purge({ ...context, store: answering }, id);
      else {
        await answering.documents.setTrashed(id, Date.now());
        await events.publish({ type: 'accessChanged', documentId: id });
      }
      return reply.code(204).send();
    },
  });

  typed.route({
    method: 'POST',
    url: '/api/v1/documents/:id/restore',
    schema: {
      summary: 'Restore a document',
      description: 'Takes it out of the trash, with everybody’s roles as they were.',
      tags: ['Trash'],
      security: [{ bearer: [] }, { guest: [] }],
      params: documentParams,
      response: { 200: documentSchema },
    },
    handler: async (request, reply) => {
      const { id } = request.params;
      const accessed = await requireDocument(context, request, id, 'delete');
      if (accessed.access.isTrashed) {
        await store.documents.setTrashed(id, null);
        await events.publish({ type: 'accessChanged', documentId: id });
      }
      const resource = await readResource(context, accessed);
      void reply.header('etag', representationEtag(resource));
      return resource;
    },
  });
}
