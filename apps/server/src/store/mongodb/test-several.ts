/** Several servers on one database: two stores, of which neither knows what the other one remembers. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  DuplicateBatchError,
  DuplicateDocumentError,
  FencedError,
  type Store,
} from '../ports/store.ts';
import { LastAdministratorError } from '../ports/account-store.ts';
import { plan } from '../conformance/scene.ts';
import { batchOf, emptyDocument, recordOf } from '../test-batches.ts';
import { accountOf, linkOf } from '../test-records.ts';
import type { TestPlaces } from './test-database.ts';

export function describeSeveralServers({ open }: TestPlaces): void {
  describe('two servers on one database', () => {
    let places = 0;
    let one: Store;
    let other: Store;
    beforeEach(async () => {
      const place = `several-${++places}`;
      one = await open(place);
      other = await open(place);
    });
    afterEach(() => Promise.all([one.close(), other.close()]));

    const by = (epoch: number, firstVersion: number) => ({ ...batchOf(plan, firstVersion), epoch });
    const outcomes = (results: readonly PromiseSettledResult<unknown>[]) =>
      results.map(({ status }) => status).sort();

    it('accept a version from one of them', async () => {
      for (let version = 1; version <= 20; version += 1) {
        const rivals = [one, other].map(({ log }) => log.append(batchOf(plan, version)));
        expect(outcomes(await Promise.allSettled(rivals))).toEqual(['fulfilled', 'rejected']);
      }
      expect(await one.log.headVersion(plan)).toBe(20);
      expect(await other.log.read(plan, 0, 99)).toHaveLength(20);
    });

    it('refuse a former owner, whatever it remembers', async () => {
      await one.log.append(by(1, 1));
      await other.log.append(by(2, 2));
      await expect(one.log.append(by(1, 2))).rejects.toThrow(DuplicateBatchError);
      await expect(one.log.append(by(1, 3))).rejects.toThrow(FencedError);
      await other.log.append(by(2, 3));
      expect(await one.log.epochs(plan)).toEqual([
        { version: 1, epoch: 1 },
        { version: 2, epoch: 2 },
      ]);
    });

    it('do not revive a document that the other one purged', async () => {
      await one.documents.createWithText(emptyDocument(recordOf(plan)));
      await one.log.append(batchOf(plan, 1));
      await other.documents.remove(plan);
      await expect(one.log.append(batchOf(plan, 2))).rejects.toThrow(DuplicateBatchError);
      await expect(one.log.append(batchOf(plan, 1))).rejects.toThrow(DuplicateBatchError);
      expect(await one.log.headVersion(plan)).toBe(0);
      const again = one.documents.createWithText(emptyDocument(recordOf(plan)));
      await expect(again).rejects.toThrow(DuplicateDocumentError);
    });

    it('create a document once', async () => {
      const first = { ...emptyDocument(recordOf(plan)), operations: batchOf(plan, 1).operations };
      const results = await Promise.allSettled(
        [one, other].map(({ documents }) => documents.createWithText(first)),
      );
      expect(outcomes(results)).toEqual(['fulfilled', 'rejected']);
      expect(results).toContainEqual({
        status: 'rejected',
        reason: expect.any(DuplicateDocumentError) as unknown,
      });
    });

    it('leave an administrator when each demotes another one', async () => {
      await one.accounts.create(accountOf('ann', { isAdmin: true }), null);
      await one.accounts.create(accountOf('bob', { isAdmin: true }), null);
      const results = await Promise.allSettled([
        one.accounts.change('ann', { isAdmin: false }),
        other.accounts.change('bob', { isAdmin: false }),
      ]);
      expect(outcomes(results)).toEqual(['fulfilled', 'rejected']);
      expect(results).toContainEqual({
        status: 'rejected',
        reason: expect.any(LastAdministratorError) as unknown,
      });
      expect(await one.accounts.adminCount()).toBe(1);
    });

    it('give the last place of a link to one person', async () => {
      await one.documents.createWithText(emptyDocument(recordOf(plan)));
      await one.access.addLink(linkOf('link', plan));
      const opened = await Promise.all([
        one.access.openLink('link', 'bob', 1),
        other.access.openLink('link', 'eve', 1),
      ]);
      expect(opened.sort()).toEqual([false, true]);
    });

    it('have the same secrets and history', async () => {
      expect(other.historyId).toBe(one.historyId);
      const [first, second] = await Promise.all([one.secret('tokens'), other.secret('tokens')]);
      expect(second).toEqual(first);
    });

    it('begin a request once', async () => {
      const begun = await Promise.all([
        one.keptAnswers.begin('key', { requestHash: 'first', at: 10 }, 0),
        other.keptAnswers.begin('key', { requestHash: 'second', at: 10 }, 0),
      ]);
      expect(begun[0]).toEqual(begun[1]);
    });
  });
}
