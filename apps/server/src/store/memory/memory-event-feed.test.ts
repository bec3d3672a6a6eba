import { describeEventFeed } from '../conformance/event-feed.ts';
import { MemoryEventFeed } from './memory-event-feed.ts';

describeEventFeed('memory', async () => {
  const feed = new MemoryEventFeed();
  return { one: feed, other: feed };
});
