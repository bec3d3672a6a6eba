/** The contract of the feed of events. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EventFeed, FeedEntry, FeedFollower } from '../ports/event-feed.ts';

const WAIT = { timeout: 60_000, interval: 20 };
const entryOf = (text: string, origin = 'a'): FeedEntry => ({
  ...{ origin, events: [text], hasGap: false },
});

/** Two servers' access to one feed, which is empty for each test. */
export interface FeedPair {
  readonly one: EventFeed;
  readonly other: EventFeed;
}

class Recorder implements FeedFollower {
  readonly texts: string[] = [];
  missedTimes = 0;
  /** What an entry waits for. */
  gate: Promise<void> = Promise.resolve();

  async entry({ events }: FeedEntry): Promise<void> {
    this.texts.push(...events);
    await this.gate;
  }
  missed(): void {
    this.missedTimes += 1;
  }
  failed(): void {}
}

export function describeEventFeed(name: string, open: () => Promise<FeedPair>): void {
  describe(`the feed of events in ${name}`, () => {
    let feeds: FeedPair;
    const stops: (() => Promise<void>)[] = [];
    beforeEach(async () => {
      feeds = await open();
    });
    afterEach(async () => {
      await Promise.all(stops.splice(0).map((stop) => stop()));
    });

    /** Resolves when following has begun. */
    async function following(feed: EventFeed): Promise<Recorder> {
      const recorder = new Recorder();
      stops.push(feed.follow(recorder));
      await vi.waitFor(() => expect(recorder.missedTimes).toBe(1), WAIT);
      return recorder;
    }

    it('gives an entry as it was appended, to its own server and to others', async () => {
      const own = await following(feeds.one);
      const others = await following(feeds.other);
      const given = vi.spyOn(others, 'entry');
      const entry = { origin: 'a', events: ['{"$set":1}', '$first', ''], hasGap: true };
      await feeds.one.append(entry);
      await vi.waitFor(() => expect(given).toHaveBeenCalledWith(entry), WAIT);
      await vi.waitFor(() => expect(own.texts).toEqual(entry.events), WAIT);
    });

    it('gives the entries of all servers in one order, each once, with none missing', async () => {
      const recorders = [await following(feeds.one), await following(feeds.other)];
      const appends = Array.from({ length: 20 }, async (_, index) => {
        await feeds.one.append(entryOf(`a${index}`, 'a'));
        await feeds.other.append(entryOf(`b${index}`, 'b'));
      });
      await Promise.all(appends);
      for (const { texts } of recorders) {
        await vi.waitFor(() => expect(texts).toHaveLength(40), WAIT);
        expect(new Set(texts).size).toBe(40);
      }
      expect(recorders[1]?.texts).toEqual(recorders[0]?.texts);
      expect(recorders.map(({ missedTimes }) => missedTimes)).toEqual([1, 1]);
    });

    it('gives nothing from before, and tells whoever begins to follow that there may have been some', async () => {
      await feeds.one.append(entryOf('before'));
      const recorder = await following(feeds.other);
      await feeds.one.append(entryOf('after'));
      await vi.waitFor(() => expect(recorder.texts).toEqual(['after']), WAIT);
    });

    it('waits for each entry to be taken before it gives the next', async () => {
      const recorder = await following(feeds.other);
      let open = (): void => {};
      recorder.gate = new Promise((resolve) => (open = resolve));
      await feeds.one.append(entryOf('first'));
      await feeds.one.append(entryOf('second'));
      await vi.waitFor(() => expect(recorder.texts).toEqual(['first']), WAIT);
      open();
      await vi.waitFor(() => expect(recorder.texts).toEqual(['first', 'second']), WAIT);
    });

    it('gives nothing once following was ended', async () => {
      const kept = await following(feeds.one);
      const recorder = new Recorder();
      const stop = feeds.other.follow(recorder);
      await vi.waitFor(() => expect(recorder.missedTimes).toBe(1), WAIT);
      await stop();
      await feeds.one.append(entryOf('after'));
      await vi.waitFor(() => expect(kept.texts).toEqual(['after']), WAIT);
      expect(recorder.texts).toEqual([]);
    });
  });
}
