import {
  randomDocumentId,
  TRASH_DAYS,
  type DocumentId,
  type DocumentResource,
} from '@concord/protocol';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import {
  DOCUMENTS_PER_RUN,
  runHousekeeping,
  startHousekeeping,
  StoredRetentionTime,
} from './housekeeping.ts';
import { KEPT_ANSWER_MS } from '../http/kept-answers.ts';
import { ApiScene, type Headers } from '../api/test-api.ts';
import { emptyDocument } from '../store/test-batches.ts';

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

it('deletes documents that were in the trash for thirty days, and no others', async () => {
  const [old, kept] = [await trashed(), await scene.create(owner)];
  await runHousekeeping(scene.context, Date.now() + TRASH_DAYS * DAY_MS - 60_000);
  expect(await isThere(old.id)).toBe(true);
  await runHousekeeping(scene.context, Date.now() + TRASH_DAYS * DAY_MS + 60_000);
  expect(await isThere(old.id)).toBe(false);
  expect(await isThere(kept.id)).toBe(true);
  expect((await scene.ask(owner, 'GET', `/d/${old.id}.md`)).code).toBe('notFound');
});

it('deletes at most the bound per run, and the rest in the next run', async () => {
  const { store } = scene.context;
  const at = Date.now();
  const count = DOCUMENTS_PER_RUN + 20;
  for (let each = 0; each < count; each += 1) {
    const id = randomDocumentId();
    const record = { id, title: '', createdBy: 'ann', createdAt: at, updatedAt: at };
    await store.documents.createWithText(emptyDocument(record));
    await store.documents.setTrashed(id, at);
  }
  const left = async (): Promise<number> => (await store.documents.ids()).length;
  await runHousekeeping(scene.context, at + (TRASH_DAYS + 1) * DAY_MS);
  expect(await left()).toBe(20);
  await runHousekeeping(scene.context, at + (TRASH_DAYS + 1) * DAY_MS);
  expect(await left()).toBe(0);
});

/** One start of the server with a clock that is so many days ahead; resolves when its first run is over. */
async function startedWith(daysAhead: number): Promise<void> {
  const { store } = scene.context;
  const lastWork = vi.spyOn(store.authSessions, 'removeExpired');
  const wall = (): number => Date.now() + daysAhead * DAY_MS;
  const stop = startHousekeeping(scene.context, { wall, monotonic: () => 0 });
  await vi.waitFor(() => expect(lastWork).toHaveBeenCalledOnce(), { timeout: 20_000 });
  await lastWork.mock.results[0]?.value;
  lastWork.mockRestore();
  stop();
}

it('keeps trash, answers and sessions after a start with a clock 32 days ahead', async () => {
  const { store } = scene.context;
  await startedWith(0);
  const { id } = await trashed();
  const at = Date.now();
  await store.keptAnswers.put('k', { requestHash: '', status: 200, headers: {}, body: '', at: at + DAY_MS }); // prettier-ignore
  const account = await scene.account('ann');
  await startedWith(32);
  expect(await isThere(id)).toBe(true);
  expect(await store.keptAnswers.get('k')).not.toBeNull();
  expect(await store.authSessions.listOf(account.userId)).toHaveLength(1);
  await startedWith(0);
  expect(await isThere(id)).toBe(true);
});

it('empties the trash in time where the server is started once a day', async () => {
  await startedWith(0);
  const { id } = await trashed();
  for (let day = 1; day <= TRASH_DAYS - 1; day += 1) await startedWith(day);
  expect(await isThere(id)).toBe(true);
  for (let day = TRASH_DAYS; day <= TRASH_DAYS + 1; day += 1) await startedWith(day);
  expect(await isThere(id)).toBe(false);
});

it('ends the live sessions of documents it deletes', async () => {
  const { id } = await trashed();
  const document = await scene.context.documents.open(id);
  const dispatch = vi.spyOn(document ?? expect.fail(), 'dispatch');
  await runHousekeeping(scene.context, Date.now() + (TRASH_DAYS + 1) * DAY_MS);
  expect(dispatch).toHaveBeenCalledWith({ type: 'removed' });
});

it('deletes kept answers after a day, and expired sessions', async () => {
  const { store } = scene.context;
  const at = Date.now();
  await store.keptAnswers.put('k', { requestHash: '', status: 200, headers: {}, body: '', at });
  await runHousekeeping(scene.context, at + KEPT_ANSWER_MS);
  expect(await store.keptAnswers.get('k')).not.toBeNull();
  await runHousekeeping(scene.context, at + KEPT_ANSWER_MS + 1);
  expect(await store.keptAnswers.get('k')).toBeNull();
});

it('continues when one of its tasks fails', async () => {
  const { store } = scene.context;
  vi.spyOn(store.documents, 'trashedBefore').mockRejectedValue(new Error('no'));
  const removeExpired = vi.spyOn(store.authSessions, 'removeExpired');
  await runHousekeeping(scene.context, Date.now());
  expect(removeExpired).toHaveBeenCalledOnce();
});

it('deletes nothing and credits no time while another server does it', async () => {
  const { store } = scene.context;
  const setTime = vi.spyOn(store.retention, 'setTime');
  const asked = vi.fn(async () => false);
  const stop = startHousekeeping({ ...scene.context, isMyTurn: asked });
  await vi.waitFor(() => expect(asked).toHaveBeenCalledOnce());
  await asked.mock.results[0]?.value;
  stop();
  expect(setTime).not.toHaveBeenCalled();
});

it('does not credit the time in which another server observed it', async () => {
  const { store } = scene.context;
  let [wall, monotonic] = [100 * DAY_MS, 0];
  const time = new StoredRetentionTime(store, { wall: () => wall, monotonic: () => monotonic });
  await time.observe();
  time.pause();
  // The clock jumps by half a year; ten days of this process passed, which another server was credited with.
  wall += 180 * DAY_MS;
  monotonic += 10 * DAY_MS;
  const before = (await store.retention.time())?.creditedAt ?? 0;
  await time.observe();
  expect(((await store.retention.time())?.creditedAt ?? 0) - before).toBe(DAY_MS);
});
