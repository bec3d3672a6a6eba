/** The feed of events over two connections, and what it does when change streams or rows are not there. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { describeEventFeed } from '../conformance/event-feed.ts';
import type { EventFeed, FeedEntry } from '../ports/event-feed.ts';
import type { Store } from '../ports/store.ts';
import type { TestPlaces } from './test-database.ts';
import { failing, type Failing } from './test-faults.ts';

const WAIT = { timeout: 60_000, interval: 20 };

export function describeMongoEventFeed({ open, db }: TestPlaces): void {
  let places = 0;
  let place = '';
  const stores: Store[] = [];
  async function feeds(): Promise<{ one: EventFeed; other: EventFeed }> {
    place = `feed-${++places}`;
    const [one, other] = [await open(place), await open(place)];
    stores.push(one, other);
    if (one.shared === null || other.shared === null) throw new Error('nothing is shared');
    return { one: one.shared.events, other: other.shared.events };
  }
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()));
  });

  describeEventFeed('MongoDB', feeds);

  describe('the feed of events in MongoDB', () => {
    const ends: (() => Promise<void>)[] = [];
    const fail = (data: Failing, times: number | 'always') => failing(db(place)).on(data, times);
    const append = (feed: EventFeed, text: string) =>
      feed.append({ origin: 'a', events: [text], hasGap: false });
    afterEach(async () => {
      await failing(db(place)).off();
      await Promise.all(ends.splice(0).map((end) => end()));
    });

    async function followed(feed: EventFeed) {
      const texts: string[] = [];
      const entry = async ({ events }: FeedEntry) => void texts.push(...events);
      const [missed, failed] = [vi.fn(() => void texts.push('missed')), vi.fn()];
      ends.push(feed.follow({ entry, missed, failed }));
      await vi.waitFor(() => expect(texts).toEqual(['missed']), WAIT);
      texts.length = 0;
      return { texts, missed, failed };
    }

    it.each([
      ['is closed', { failCommands: ['getMore'], closeConnection: true }, 3],
      ['has no history any more', { failCommands: ['getMore'], errorCode: 286 }, 3],
      ['cannot be opened for a while', { failCommands: ['getMore', 'aggregate'], errorCode: 8_000 }, 6], // prettier-ignore
    ])(
      'misses nothing while its rows are there, when the change stream %s',
      async (_what, fault, times) => {
        const { one, other } = await feeds();
        const { texts } = await followed(other);
        await append(one, 'first');
        await fail(fault, times);
        await append(one, 'second');
        await vi.waitFor(() => expect(texts).toEqual(['first', 'second']), WAIT);
        await append(one, 'third');
        await vi.waitFor(() => expect(texts).toEqual(['first', 'second', 'third']), WAIT);
      },
    );

    it('is read by asking for rows where there are no change streams', async () => {
      const { one, other } = await feeds();
      await fail({ failCommands: ['aggregate'], errorCode: 40_573 }, 'always');
      const { texts, failed } = await followed(other);
      for (const text of ['first', 'second', 'third']) await append(one, text);
      await vi.waitFor(() => expect(texts).toEqual(['first', 'second', 'third']), WAIT);
      expect(failed).toHaveBeenCalled();
    });

    it('tells that some were missed when their rows were deleted, and goes on', async () => {
      const { one, other } = await feeds();
      const { texts } = await followed(other);
      const forget = (entries: number) =>
        db(place)
          .collection<{ _id: string }>('counters')
          .updateOne({ _id: 'events' }, { $inc: { value: entries } }, { upsert: true });
      // As if three entries had been appended, and deleted for their age.
      await forget(3);
      await append(one, 'first');
      await vi.waitFor(() => expect(texts).toContain('first'), WAIT);
      expect(texts[0]).toBe('missed');
      // Without another entry it is noticed as well.
      texts.length = 0;
      await forget(5);
      await vi.waitFor(() => expect(texts).toEqual(['missed']), WAIT);
    });

    it('tells that some were missed when a backup was restored, and goes on', async () => {
      const { one, other } = await feeds();
      const { texts } = await followed(other);
      for (const text of ['first', 'second', 'third']) await append(one, text);
      await vi.waitFor(() => expect(texts).toEqual(['first', 'second', 'third']), WAIT);
      await db(place).collection('events').deleteMany({});
      await db(place)
        .collection('counters')
        .updateMany({}, { $set: { value: 1 } });
      await vi.waitFor(() => expect(texts.at(-1)).toBe('missed'), WAIT);
      await append(one, 'fourth');
      await vi.waitFor(() => expect(texts.at(-1)).toBe('fourth'), WAIT);
    });
  });
}
