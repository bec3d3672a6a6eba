/** What happens when the server, or the network to it, fails at the worst moment: fail points of the server. */
import type { Db } from 'mongodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoreError, StoreFullError, type Store } from '../ports/store.ts';
import { plan } from '../conformance/scene.ts';
import { batchOf, documentId, emptyDocument, recordOf } from '../test-batches.ts';
import type { TestPlaces } from './test-database.ts';

export interface Failing {
  readonly failCommands: readonly string[];
  readonly errorCode?: number;
  readonly closeConnection?: boolean;
  readonly writeConcernError?: { readonly code: number; readonly errmsg: string };
  readonly errorLabels?: readonly string[];
}

/**
 * A server has one fail point for commands at a time: it is set for connections of this name, and in one file of tests
 * (faults.mongodb.test.ts). Other files can run beside it.
 */
export const STRUCK = 'concord-struck';

/** Fail points of the server, for stores at places of {@link STRUCK}. */
export const failing = (db: Db) => ({
  on: (data: Failing, times: number | 'always'): Promise<unknown> =>
    db.admin().command({
      configureFailPoint: 'failCommand',
      mode: times === 'always' ? 'alwaysOn' : { times },
      data: { ...data, appName: STRUCK },
    }),
  off: (): Promise<unknown> =>
    db.admin().command({ configureFailPoint: 'failCommand', mode: 'off' }),
});

const wce = (code: number) => ({ writeConcernError: { code, errmsg: 'of the test' } });

/** More often than the driver itself tries a write again. */
export const faults: readonly [string, Omit<Failing, 'failCommands'>, times: number][] = [
  ['a primary that steps down', { errorCode: 10_107 }, 3],
  ['a connection that is closed', { closeConnection: true }, 3],
  ['a majority that does not answer in time', wce(64), 2],
  ['a server that shuts down after writing', wce(91), 2],
];

export function describeFaults({ open, db }: TestPlaces): void {
  let places = 0;
  let place: string;
  let store: Store;
  const fail = (data: Failing, times: number) => failing(db(place)).on(data, times);
  const readAll = () => store.log.read(plan, 0, 99);
  beforeEach(async () => {
    place = `fault-${++places}`;
    store = await open(place);
  });
  afterEach(async () => {
    await failing(db(place)).off();
    await store.close();
  });

  describe('an append', () => {
    it.each(faults)('is written once despite %s', async (_what, fault, times) => {
      await store.log.append(batchOf(plan, 1));
      await fail({ failCommands: ['insert'], ...fault }, times);
      await store.log.append(batchOf(plan, 2, 2));
      await store.log.append(batchOf(plan, 4));
      expect(await readAll()).toEqual([
        ...batchOf(plan, 1).operations,
        ...batchOf(plan, 2, 2).operations,
        ...batchOf(plan, 4).operations,
      ]);
      expect(await db(place).collection('batches').countDocuments({ documentId: plan })).toBe(3);
    });

    it('does not wait for the time of change, which is written when the server can again', async () => {
      await store.documents.createWithText(emptyDocument(recordOf(plan)));
      await fail({ failCommands: ['update'], closeConnection: true }, 1_000);
      await store.log.append(batchOf(plan, 1, 7));
      expect(await store.documents.get(plan)).toMatchObject({ updatedAt: 1 });
      await failing(db(place)).off();
      expect(await store.documents.get(plan)).toMatchObject({ updatedAt: 7 });
    });

    it('that has no room says so, and is written when there is room again', async () => {
      await fail({ failCommands: ['insert'], errorCode: 14_031 }, 1);
      await expect(store.log.append(batchOf(plan, 1))).rejects.toThrow(StoreFullError);
      await store.log.append(batchOf(plan, 1));
      expect(await readAll()).toEqual(batchOf(plan, 1).operations);
    });

    it('that the server refuses for good says so at once, without the driver’s words', async () => {
      await fail({ failCommands: ['insert'], errorCode: 8_000 }, 1);
      const refused = store.log.append(batchOf(plan, 1));
      await expect(refused).rejects.toThrow(StoreError);
      await expect(refused).rejects.toMatchObject({ fatal: false });
      await store.log.append(batchOf(plan, 1));
    });
  });

  describe('a transaction', () => {
    const first = () => ({
      ...emptyDocument(recordOf(plan)),
      operations: batchOf(plan, 1, 3).operations,
      folder: 'Work',
    });

    it.each(faults)('is committed once despite %s at its commit', async (_what, fault, times) => {
      await fail({ failCommands: ['commitTransaction'], ...fault }, times);
      await store.documents.createWithText(first());
      expect(await readAll()).toHaveLength(3);
      expect(await store.library.folders('ann', 0)).toEqual([{ name: 'Work', documents: 1 }]);
      expect((await store.access.get(plan))?.epoch).toBe(1);
    });

    it('runs again after a write conflict', async () => {
      await store.documents.createWithText(first());
      await fail({ failCommands: ['update'], errorCode: 112, errorLabels: ['TransientTransactionError'] }, 2); // prettier-ignore
      await store.access.grant(plan, 'bob', 'editor');
      expect((await store.access.get(plan))?.people.get('bob')).toBe('editor');
      expect((await store.access.get(plan))?.epoch).toBe(2);
    });
  });

  it('a read is tried again when its connection is closed', async () => {
    await store.log.append(batchOf(documentId('other'), 1));
    await fail({ failCommands: ['find'], closeConnection: true }, 1);
    expect(await store.log.headVersion(documentId('other'))).toBe(1);
  });
}
