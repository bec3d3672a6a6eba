/** Holds in MongoDB: one row each, taken by one conditional write that compares with the clock of the database. */
import type { Hold, Holds } from '../ports/holds.ts';
import { StoreError } from '../ports/store.ts';
import { decided, goneAfter } from './collections.ts';
import type { Core } from './core.ts';
import { isDuplicateKey } from './errors.ts';

/** Each failure means that another took it, or freed it, meanwhile. */
const TRIES = 10;
const now = { $toLong: '$$NOW' };

export function holds({ rows, work }: Core): Holds {
  const taken = async (name: string, { holder, value, forMs }: Hold): Promise<boolean> => {
    const mayTake = {
      $or: [{ $eq: ['$holder', { $literal: holder }] }, { $lt: ['$until', now] }],
    };
    const hold = {
      holder: { $literal: holder },
      value: { $literal: value },
      until: { $add: [now, forMs] },
      goneAt: { $literal: goneAfter(Date.now() + forMs) },
    };
    try {
      // A row that may not be taken does not match, so that the insert meets its key.
      await rows.holds.updateOne({ _id: name, $expr: mayTake }, [{ $set: hold }], { upsert: true });
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  };
  return {
    take: (name, hold) =>
      work.read(async () => {
        for (let tries = 0; tries < TRIES; tries += 1) {
          if (await taken(name, hold)) return null;
          const row = await rows.holds.findOne({ _id: name }, decided);
          // A driver that repeats a write may meet its own row.
          if (row?.holder === hold.holder) return null;
          if (row !== null) return row.value;
        }
        throw new StoreError('Who holds it changes too often to be told.', false);
      }),
    release: (name, holder) =>
      work
        .read(() => rows.holds.deleteOne({ _id: name, holder }))
        .then(
          () => {},
          () => {},
        ),
  };
}
