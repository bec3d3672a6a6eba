import { TRASH_DAYS, type DocumentId, type DocumentResource } from '@concord/protocol';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { keepHouse } from './housekeeping.ts';
import { KEPT_ANSWER_MS } from './kept-answers.ts';
import { ApiScene, type Headers } from './test-api.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;
let scene: ApiScene;
let owner: Headers;
beforeEach(async () => {
  scene = await ApiScene.open();
  owner = scene.guest();
});
afterEach(() => scene.close());

const isThere = async (id: DocumentId): Promise<boolean> =>
  (await scene.context.store.documents.get(id)) !== null;
async function trashed(): Promise<DocumentResource> {
  const document = await scene.create(owner, { text: 'x' });
  await scene.ask(owner, 'DELETE', `/api/v1/documents/${document.id}`);
  return document;
}

it('deletes what lay in the trash for thirty days, and nothing else', async () => {
  const [old, kept] = [await trashed(), await scene.create(owner)];
  await keepHouse(scene.context, Date.now() + TRASH_DAYS * DAY_MS - 60_000);
  expect(await isThere(old.id)).toBe(true);
  await keepHouse(scene.context, Date.now() + TRASH_DAYS * DAY_MS + 60_000);
  expect(await isThere(old.id)).toBe(false);
  expect(await isThere(kept.id)).toBe(true);
  expect((await scene.ask(owner, 'GET', `/d/${old.id}.md`)).code).toBe('notFound');
});

it('deletes however many there are', async () => {
  const ids: DocumentId[] = [];
  for (let count = 0; count < 120; count += 1) ids.push((await trashed()).id);
  await keepHouse(scene.context, Date.now() + (TRASH_DAYS + 1) * DAY_MS);
  expect((await Promise.all(ids.map(isThere))).filter(Boolean)).toEqual([]);
});

it('ends the live sessions of what it deletes', async () => {
  const { id } = await trashed();
  const document = await scene.context.documents.open(id);
  const dispatch = vi.spyOn(document ?? expect.fail(), 'dispatch');
  await keepHouse(scene.context, Date.now() + (TRASH_DAYS + 1) * DAY_MS);
  expect(dispatch).toHaveBeenCalledWith({ type: 'removed' });
});

it('forgets kept answers after a day, and sessions that expired', async () => {
  const { store } = scene.context;
  const at = Date.now();
  await store.keptAnswers.put('k', { requestHash: '', status: 200, headers: {}, body: '', at });
  await keepHouse(scene.context, at + KEPT_ANSWER_MS);
  expect(await store.keptAnswers.get('k')).not.toBeNull();
  await keepHouse(scene.context, at + KEPT_ANSWER_MS + 1);
  expect(await store.keptAnswers.get('k')).toBeNull();
});

it('goes on when one of its works fails', async () => {
  const { store } = scene.context;
  vi.spyOn(store.documents, 'trashedBefore').mockRejectedValue(new Error('no'));
  const removeExpired = vi.spyOn(store.authSessions, 'removeExpired');
  await keepHouse(scene.context, Date.now());
  expect(removeExpired).toHaveBeenCalledOnce();
});
