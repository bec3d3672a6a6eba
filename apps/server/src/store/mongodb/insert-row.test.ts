import { MongoNetworkError, MongoServerError, type ObjectId } from 'mongodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { DuplicateBatchError, StoreError } from '../ports/store.ts';
import { batchOf, documentId } from '../test-batches.ts';
import { batchRow } from './batch-rows.ts';
import type { Collections } from './collections.ts';
import { insertRow } from './insert-row.ts';

const reset = new MongoNetworkError('reset');
const duplicate = new MongoServerError({ message: 'duplicate key', code: 11_000 });
const full = new MongoServerError({ message: 'out of disk space', code: 14_031 });

const row = batchRow(batchOf(documentId('plan'), 1));
let inserted: number;

/** Inserts that fail so, in this order, and then succeed; and the row that is found at last. */
const rows = (failures: readonly Error[], found: () => ObjectId | null) =>
  ({
    batches: {
      insertOne: async () => {
        const failure = failures[inserted++];
        if (failure !== undefined) throw failure;
      },
      findOne: async () => {
        const _id = found();
        return _id === null ? null : { _id };
      },
    },
  }) as unknown as Pick<Collections, 'batches'>;

/** Rejected with what; null for a row that was inserted. */
const outcomeOf = (failures: readonly Error[], found: () => ObjectId | null): Promise<unknown> =>
  insertRow(rows(failures, found), row).then(
    () => null,
    (error: unknown) => error,
  );

beforeEach(() => (inserted = 0));

describe('a row of the log', () => {
  it('is there when a duplicate key is its own', async () => {
    expect(await outcomeOf([duplicate], () => row._id)).toBeNull();
    expect(inserted).toBe(1);
  });

  it('is not there when the key is of another writer', async () => {
    const other = batchRow(batchOf(documentId('plan'), 1))._id;
    expect(await outcomeOf([duplicate], () => other)).toBeInstanceOf(DuplicateBatchError);
  });

  it('that was refused at once is not there, and the refusal is told', async () => {
    expect(await outcomeOf([full], () => null)).toBe(full);
    expect(inserted).toBe(1);
  });

  it('that was refused after an attempt of unknown outcome may still land: it is tried until it is known', async () => {
    expect(await outcomeOf([reset, full], () => null)).toBeNull();
    expect(inserted).toBe(3);
  });

  it('whose outcome cannot be found out is told as in doubt, never as refused', async () => {
    const error = await outcomeOf([reset, ...Array<Error>(20).fill(full)], () => null);
    expect(error).toBeInstanceOf(StoreError);
    expect(String(error)).toMatch(/did not say in time whether version 1/);
  });
});
