/** Which routes open a document: each says so (`opensDocument`), because another node may have to answer it. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { DocumentResource } from '@concord/protocol';
import { randomClientId } from '@concord/protocol';
import type { RouteOptions } from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DocumentHandles } from '../documents/document-handle.ts';
import { ApiScene, type Headers } from './test-api.ts';

const asking = new AsyncLocalStorage<string>();
const opened = new Set<string>();
const flagged = new Set<string>();
/** Of one document, by method and address. */
const routes = new Set<string>();
let scene: ApiScene;
let owner: Headers;
let document: DocumentResource;

const nameOf = (method: string, url: string): string => `${method} ${url}`;
const isOfDocument = (url: string): boolean =>
  /^\/(api\/v1\/documents\/:id|d\/:name\.md)/.test(url);

beforeAll(async () => {
  const handles: DocumentHandles = {
    open: (id, options) => {
      opened.add(asking.getStore() ?? 'no route');
      return scene.context.documents.open(id, options).then(() => {
        throw new Error('Only who opens it is of interest here.');
      });
    },
    inMemory: async () => null,
  };
  scene = await ApiScene.open({}, handles, {
    addTo: (app) => {
      app.addHook('onRoute', ({ url, method, config }: RouteOptions) => {
        // A list of methods is of those that are answered with 405. HEAD is as GET.
        if (!isOfDocument(url) || typeof method !== 'string' || method === 'HEAD') return;
        routes.add(nameOf(method, url));
        if (config?.opensDocument === true) flagged.add(nameOf(method, url));
      });
      app.addHook('onRequest', (request, _reply, done) => {
        const { url = '', method } = request.routeOptions;
        asking.run(nameOf([method].flat()[0] ?? '', url), done);
      });
    },
    passOn: async () => false,
  });
  owner = await scene.account('owner');
  document = await scene.create(owner, { text: 'one\n' });
});
afterAll(() => scene.close());

it('every route of a document that opens it says so, and no other', async () => {
  const { id } = document;
  const other = randomClientId();
  const at = `/api/v1/documents/${id}`;
  // In this order: what is deleted is restored.
  const questions: Readonly<Record<string, readonly [path: string, body?: unknown]>> = {
    'GET /api/v1/documents/:id': [at],
    'PUT /api/v1/documents/:id': [at, { title: 'Taken' }],
    'PATCH /api/v1/documents/:id': [at, { title: 'Renamed' }],
    'GET /api/v1/documents/:id/text': [`${at}/text`],
    'PUT /api/v1/documents/:id/text': [`${at}/text?baseVersion=1`, 'two\n'],
    'GET /d/:name.md': [`/d/${id}.md`],
    'PUT /d/:name.md': [`/d/${id}.md?baseVersion=1`, 'three\n'],
    'GET /api/v1/documents/:id/snapshot': [`${at}/snapshot`],
    'GET /api/v1/documents/:id/operation': [`${at}/operation?after=0&through=1`],
    'GET /api/v1/documents/:id/people': [`${at}/people`],
    'POST /api/v1/documents/:id/people': [`${at}/people`, { login: 'else', role: 'viewer' }], // prettier-ignore
    'PATCH /api/v1/documents/:id/people/:userId': [`${at}/people/${'0'.repeat(32)}`, { role: 'viewer' }], // prettier-ignore
    'DELETE /api/v1/documents/:id/people/:userId': [`${at}/people/${'0'.repeat(32)}`],
    'DELETE /api/v1/documents/:id/invitations/:invitationId': [`${at}/invitations/${other}`],
    'GET /api/v1/documents/:id/links': [`${at}/links`],
    'POST /api/v1/documents/:id/links': [`${at}/links`, { role: 'editor' }],
    'PATCH /api/v1/documents/:id/links/:linkId': [`${at}/links/${other}`, { label: 'Class' }],
    'DELETE /api/v1/documents/:id/links/:linkId': [`${at}/links/${other}`],
    'DELETE /api/v1/documents/:id': [at],
    'POST /api/v1/documents/:id/restore': [`${at}/restore`],
  };
  const answers: (readonly [string, number, string])[] = [];
  for (const [route, [path, body]] of Object.entries(questions)) {
    const answer = await scene.ask(owner, route.split(' ')[0] ?? '', path, body);
    answers.push([route, answer.status, answer.code]);
  }
  // Nothing was refused before its handler was asked.
  expect(answers.filter(([, status]) => status === 400 || status === 422)).toEqual([]);
  expect([...routes].sort()).toEqual(Object.keys(questions).sort());
  expect(flagged.size).toBe(5);
  expect([...opened].sort()).toEqual([...flagged].sort());
});
