/** What is one write although it touches several tables: all of it is there, or nothing. */
import { describe, expect, it } from 'vitest';
import { LastOwnerError } from '../ports/access-store.ts';
import type { KeptAnswer, KeptWrite } from '../ports/account-store.ts';
import {
  DuplicateBatchError,
  DuplicateDocumentError,
  type FirstText,
  type Store,
} from '../ports/store.ts';
import { batchOf, emptyDocument, operationBy, recordOf } from '../test-batches.ts';
import { invitationOf, linkOf, tokenOf } from '../test-records.ts';
import { append, notes, plan, readAll, type Scene } from './scene.ts';

const first = (change: Partial<FirstText> = {}): FirstText => ({
  record: recordOf(plan, { title: 'Plan', updatedAt: 1_000 }),
  anyone: 'viewer',
  operations: batchOf(plan, 1, 3).operations.map((each) => ({ ...each, at: 1_000 })),
  folder: 'Work',
  ...change,
});
const answer: KeptAnswer = { requestHash: 'r', status: 201, headers: {}, body: 'sealed', at: 10 };

export function describeTogether(scene: Scene): void {
  describe('a document created with its text', () => {
    it('has its owner, its log and its folder', async () => {
      const { operations, record } = first();
      await scene.store.documents.createWithText(first());
      for (const _ of ['open', 'reopened']) {
        const { store } = scene;
        expect(await store.documents.get(plan)).toMatchObject(record);
        expect(await readAll(scene)).toEqual(operations);
        const access = await store.access.get(plan);
        expect([access?.anyone, access?.people.get('ann')]).toEqual(['viewer', 'owner']);
        expect(await store.library.entry(plan, 'ann')).toMatchObject({
          folder: 'Work',
          version: 3,
        });
        await scene.reopen();
      }
      await append(scene, batchOf(plan, 4));
    });

    it('may be empty', async () => {
      await scene.store.documents.createWithText(first({ operations: [], folder: '' }));
      expect(await scene.store.log.headVersion(plan)).toBe(0);
      expect(await scene.store.library.folders('ann', 0)).toEqual([]);
    });

    it('does not change an existing document', async () => {
      await scene.store.documents.createWithText(emptyDocument(recordOf(plan)));
      const again = scene.store.documents.createWithText(first());
      await expect(again).rejects.toThrow(DuplicateDocumentError);
      expect(await scene.store.documents.get(plan)).toMatchObject(recordOf(plan));
      expect(await scene.store.log.headVersion(plan)).toBe(0);
    });

    it('is rolled back when its log cannot be written', async () => {
      await append(scene, batchOf(plan, 1));
      const created = scene.store.documents.createWithText(first());
      await expect(created).rejects.toThrow(DuplicateBatchError);
      for (const _ of ['open', 'reopened']) {
        expect(await scene.store.documents.get(plan)).toBeNull();
        expect(await scene.store.access.get(plan)).toBeNull();
        expect(await scene.store.log.headVersion(plan)).toBe(1);
        await scene.reopen();
      }
      await append(scene, batchOf(plan, 2));
    });
  });

  describe('a write that keeps its answer', () => {
    it('keeps it with the write', async () => {
      await scene.store.documents.createWithText(first(), { key: 'key', answer });
      await scene.reopen();
      expect(await scene.store.keptAnswers.get('key')).toEqual(answer);
      expect(await scene.store.log.headVersion(plan)).toBe(3);
    });

    it.each<[string, (store: Store, kept: KeptWrite) => Promise<unknown>]>([
      ['putting a document into the trash', ({ documents }, kept) => documents.setTrashed(plan, 5, kept)], // prettier-ignore
      ['deleting a document', ({ documents }, kept) => documents.remove(plan, kept)],
      ['taking access away', ({ access }, kept) => access.revoke(plan, 'bob', kept)],
      ['adding a link', ({ access }, kept) => access.addLink(linkOf('new', plan), kept)],
      ['removing a link', ({ access }, kept) => access.removeLink(plan, 'link', kept)],
      ['making a token', ({ apiTokens }, kept) => apiTokens.create(tokenOf('new', 'ann'), kept)],
      ['removing a token', ({ apiTokens }, kept) => apiTokens.remove('ann', 'token', kept)],
      ['inviting', ({ invitations }, kept) => invitations.create(invitationOf('new'), kept)],
      ['withdrawing an invitation', ({ invitations }, kept) => invitations.remove('one', kept)],
    ])('is kept with %s', async (_what, write) => {
      const { documents, access, apiTokens, invitations } = scene.store;
      await documents.createWithText(emptyDocument(recordOf(plan)));
      await access.grant(plan, 'bob', 'editor');
      await access.addLink(linkOf('link', plan));
      await apiTokens.create(tokenOf('token', 'ann'));
      await invitations.create(invitationOf('one'));
      await write(scene.store, { key: 'key', answer });
      await scene.reopen();
      expect(await scene.store.keptAnswers.get('key')).toEqual(answer);
    });

    it('stores none when it is refused or changes nothing', async () => {
      const { documents, apiTokens, invitations, access } = scene.store;
      const kept = { key: 'key', answer };
      await documents.createWithText(emptyDocument(recordOf(plan)));
      await expect(documents.createWithText(first(), kept)).rejects.toThrow();
      expect(await apiTokens.remove('ann', 'no such token', kept)).toBe(false);
      expect(await invitations.remove('no such invitation', kept)).toBe(false);
      expect(await access.removeLink(plan, 'no such link', kept)).toBe(false);
      expect(await access.revoke(plan, 'no such person', kept)).toBe(false);
      await expect(access.revoke(plan, 'ann', kept)).rejects.toThrow(LastOwnerError);
      expect(await scene.store.keptAnswers.get('key')).toBeNull();
    });

    it('rolled back, leaves the log unchanged for the next append', async () => {
      await append(scene, batchOf(notes, 1, 2));
      const damaged = { ...answer, headers: undefined } as unknown as KeptAnswer;
      const kept = { key: 'key', answer: { ...damaged, requestHash: null as never } };
      await expect(scene.store.documents.createWithText(first(), kept)).rejects.toThrow();
      expect(await scene.store.log.headVersion(plan)).toBe(0);
      await append(scene, batchOf(plan, 1));
      await append(scene, batchOf(notes, 3));
    });
  });

  describe('a request that is begun', () => {
    it('is recorded as started, not as answered, until it expires', async () => {
      const { keptAnswers } = scene.store;
      const begun = { requestHash: 'r', at: 10 };
      expect(await keptAnswers.begin('key', begun, 0)).toEqual(begun);
      expect(await keptAnswers.get('key')).toBeNull();
      expect(await keptAnswers.begin('key', { requestHash: 's', at: 20 }, 9)).toEqual(begun);
      const newer = { requestHash: 's', at: 30 };
      expect(await keptAnswers.begin('key', newer, 10)).toEqual(newer);
      await keptAnswers.put('key', { ...answer, at: 30 });
      expect(await keptAnswers.get('key')).toEqual({ ...answer, at: 30 });
      expect(await keptAnswers.begin('key', newer, 10)).toEqual({ requestHash: 'r', at: 30 });
    });
  });

  it('knows whether one person alone wrote a document, by clients of one kind', async () => {
    const { log } = scene.store;
    const isOnly = () => log.isOnlyBy(plan, 'author-of-ann', 'ann');
    expect(await isOnly()).toBe(true);
    await append(scene, batchOf(plan, 1, 2));
    await append(scene, { ...batchOf(notes, 1, 2, 'bob'), documentId: notes });
    expect(await isOnly()).toBe(true);
    expect(await log.isOnlyBy(plan, 'author-of-ann', 'other')).toBe(false);
    expect(await log.isOnlyBy(plan, 'author-of-bob', 'ann')).toBe(false);
    const own = { ...operationBy('tab', 1), author: 'author-of-ann' };
    await append(scene, { documentId: plan, firstVersion: 3, operations: [own] });
    expect(await isOnly()).toBe(false);
  });
}
