/**
 * The feed of events in MongoDB: one row for each entry, numbered without gaps in the order of the commits. The number is
 * taken in the transaction that inserts the row, so that a row that is not there was deleted, and never comes later
 * (on a standalone server, which has no transactions, it may: then it counts as missed).
 */
import type { EventFeed } from '../ports/event-feed.ts';
import { queues, type Core } from './core.ts';
import { EventFollower } from './event-follower.ts';

/** Rows that are kept, beside the TTL: a follower that is further behind reads everything again instead. */
export const ENTRIES_KEPT = 10_000;
const TRIM_EVERY = 100;

/** @param hasStreams false for a standalone server, which is asked again and again instead */
export function eventFeed({ rows, work }: Core, hasStreams: boolean): EventFeed {
  return {
    append: async ({ origin, events, hasGap }) => {
      const trim = async (number: number): Promise<void> => {
        if (number % TRIM_EVERY !== 0) return;
        // The TTL deletes them if this does not.
        await rows.events.deleteMany({ _id: { $lte: number - ENTRIES_KEPT } }).catch(() => {});
      };
      const insert = work.transaction(
        queues.row('events'),
        async (tx) => {
          const counter = { _id: 'events' } as const;
          await rows.counters.updateOne(counter, { $inc: { value: 1 } }, { ...tx, upsert: true });
          const number = (await rows.counters.findOne(counter, tx))?.value ?? 1;
          const at = new Date();
          await rows.events.insertOne({ _id: number, origin, events: [...events], hasGap, at }, tx);
          return number;
        },
        trim,
      );
      await insert;
    },
    follow: (follower) => {
      const following = new EventFollower(rows, follower, hasStreams);
      const ended = following.run();
      return async () => {
        following.stop();
        await ended;
      };
    },
  };
}
