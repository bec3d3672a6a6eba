/** The REST API of documents and of the guest who asks. Schemas are shared with the client. */
import {
  changeDocumentSchema,
  changeMeSchema,
  createDocumentSchema,
  documentIdSchema,
  documentPath,
  randomClientId,
  randomDocumentId,
  VERSION_HEADER,
  type DocumentId,
  type DocumentResource,
  type Limits,
} from '@concord/protocol';
import { countCodePoints, insertAt, splitOperation } from '@concord/ot';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { displayName } from '../access/guest.ts';
import { requireIdentity, type HttpOptions } from '../gateway/http.ts';
import { notFound, Problem } from '../gateway/problem.ts';
import type { DocumentRecord, LoggedOperation, Store } from '../store/store.ts';

/** Documents in one answer of the list. */
const LIST_MAX = 500;
/** `version: 0` as an ETag would say that nothing can change; quotes are part of the format. */
const etagOf = (version: number): string => `"${version}"`;

export function registerApi(app: FastifyInstance, options: HttpOptions): void {
  const { store, documents, config } = options;

  app.get('/api/v1/me', async (request, reply) => {
    const { userId } = requireIdentity(request, reply);
    void reply.header('cache-control', 'private, no-store');
    return { userId, name: await displayName(store, userId) };
  });

  app.patch('/api/v1/me', async (request, reply) => {
    const { userId } = requireIdentity(request, reply);
    const { name } = parseBody(changeMeSchema, request);
    await store.people.setName(userId, name);
    documents.personRenamed(userId, name);
    return { userId, name };
  });

  app.get('/api/v1/documents', async (request, reply) => {
    const { userId } = requireIdentity(request, reply);
    void reply.header('cache-control', 'private, no-store');
    const records = await store.documents.listOf(userId, LIST_MAX);
    const resources = await Promise.all(records.map((record) => resourceOf(options, record)));
    return { documents: resources };
  });

  app.post('/api/v1/documents', async (request, reply) => {
    const { userId } = requireIdentity(request, reply);
    const { title = '', text = '' } = parseBody(createDocumentSchema, request);
    const record = await createDocument(store, config.limits, { title, text, userId });
    const resource = await resourceOf(options, record);
    return reply.code(201).header('location', `/api/v1/documents/${record.id}`).send(resource);
  });

  app.get('/api/v1/documents/:id', async (request, reply) => {
    const record = await requireRecord(store, request);
    const resource = await resourceOf(options, record);
    void reply.header('cache-control', 'private, no-cache');
    return resource;
  });

  app.patch('/api/v1/documents/:id', async (request, reply) => {
    requireIdentity(request, reply);
    const record = await requireRecord(store, request);
    const { title } = parseBody(changeDocumentSchema, request);
    const updatedAt = Date.now();
    await store.documents.rename(record.id, title, updatedAt);
    documents.running(record.id)?.dispatch({ type: 'renamed', title });
    return resourceOf(options, { ...record, title, updatedAt });
  });

  app.get<{ Querystring: { atLeast?: string } }>(
    '/api/v1/documents/:id/snapshot',
    async (request, reply) => {
      const atLeast = Number(request.query.atLeast ?? 0);
      if (!Number.isSafeInteger(atLeast) || atLeast < 0) {
        throw new Problem(400, 'badRequest', 'Bad request', 'atLeast must be a version number.');
      }
      const document = await documents.open(requireId(request));
      if (document === null) throw notFound();
      const snapshot = await document.snapshot(atLeast);
      if (snapshot === null) {
        const detail = `The document has not reached version ${atLeast}.`;
        throw new Problem(409, 'versionAhead', 'Not yet', detail);
      }
      const etag = etagOf(snapshot.version);
      void reply.headers({
        etag,
        [VERSION_HEADER]: snapshot.version,
        'cache-control': 'private, no-cache',
      });
      if (request.headers['if-none-match'] === etag) return reply.code(304).send();
      // As stored: compressed once, whoever asks.
      return reply
        .type('text/plain; charset=utf-8')
        .header('content-encoding', 'gzip')
        .send(Buffer.from(snapshot.compressedText));
    },
  );
}

/** A document with a first text: its log begins with the operations that write it. */
async function createDocument(
  store: Store,
  limits: Limits,
  { title, text, userId }: { title: string; text: string; userId: string },
): Promise<DocumentRecord> {
  const at = Date.now();
  const id = randomDocumentId();
  const record = { id, title, createdBy: userId, createdAt: at, updatedAt: at };
  // Lines end as editors end them: a carriage return would stay behind in the text as a character.
  const firstText = text.toWellFormed().replace(/\r\n?/g, '\n');
  if (countCodePoints(firstText) > limits.documentCodePoints) {
    const detail = `A document holds at most ${limits.documentCodePoints} characters.`;
    throw new Problem(413, 'documentTooLarge', 'Too long', detail);
  }
  const clientId = randomClientId();
  const operations: LoggedOperation[] = [];
  let rest = insertAt(0, firstText);
  while (rest.length > 0) {
    const [op, next] = splitOperation(rest, {
      components: limits.operationComponents,
      bytes: limits.operationBytes,
    });
    operations.push({ clientId, seq: operations.length + 1, author: userId, at, op });
    rest = next;
  }
  await store.documents.create(record);
  if (operations.length > 0) {
    await store.log.append({ documentId: id, firstVersion: 1, operations });
  }
  return record;
}

async function resourceOf(
  { documents, store }: HttpOptions,
  { id, title, createdAt, updatedAt }: DocumentRecord,
): Promise<DocumentResource> {
  const version = documents.running(id)?.version ?? (await store.log.headVersion(id));
  return { id, title, version, createdAt, updatedAt, url: documentPath(id, title) };
}

function requireId(request: FastifyRequest): DocumentId {
  const id = documentIdSchema.safeParse((request.params as { id?: string }).id);
  if (!id.success) throw notFound();
  return id.data;
}

async function requireRecord(store: Store, request: FastifyRequest): Promise<DocumentRecord> {
  const record = await store.documents.get(requireId(request));
  if (record === null) throw notFound();
  return record;
}

/** Throws a Problem that names the field. */
function parseBody<S extends z.ZodType>(schema: S, request: FastifyRequest): z.infer<S> {
  const parsed = schema.safeParse(request.body ?? {});
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue?.path.join('.') ?? '';
  const detail = `${where === '' ? 'The body' : where}: ${issue?.message ?? 'not valid'}.`;
  throw new Problem(400, 'invalidBody', 'Bad request', detail);
}
