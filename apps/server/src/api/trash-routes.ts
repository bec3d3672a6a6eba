/** The trash: deleted documents are kept here until they are restored or purged. */
import { documentSchema, TRASH_DAYS } from '@concord/protocol';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ApiContext } from './context.ts';
import { documentParams } from './document-params.ts';
import { readResource } from './document-resource.ts';
import { representationEtag, requireMatch } from '../http/etags.ts';
import { keptWrite } from '../http/idempotency.ts';
import { principalOfRequest } from '../http/principal-of-request.ts';

const deleteQuerySchema = z.strictObject({
  /** Purges a document that is in the trash already. */
  forever: z.enum(['true', 'false']).default('false'),
});

export function registerTrashRoutes(app: FastifyInstance, context: ApiContext): void {
  const { documentService } = context;
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
      await documentService.delete(
        await principalOfRequest(context, request),
        request.params.id,
        request.query.forever === 'true',
        async (accessed) =>
          requireMatch(request, representationEtag(await readResource(documentService, accessed))),
        () => keptWrite(request, { status: 204 }),
      );
      return reply.code(204).send();
    },
  });

  typed.route({
    method: 'POST',
    url: '/api/v1/documents/:id/restore',
    schema: {
      summary: 'Restore a document',
      description: 'Takes it out of the trash; all roles are as before.',
      tags: ['Trash'],
      security: [{ bearer: [] }, { guest: [] }],
      params: documentParams,
      response: { 200: documentSchema },
    },
    handler: async (request, reply) => {
      const principal = await principalOfRequest(context, request);
      const accessed = await documentService.restore(principal, request.params.id);
      const resource = await readResource(documentService, accessed);
      void reply.header('etag', representationEtag(resource));
      return resource;
    },
  });
}
