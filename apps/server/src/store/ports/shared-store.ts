/** What several servers of one installation share beside the records of the store. */
import type { Buckets } from '../../platform/limits/buckets.ts';
import type { ProvenPlaces } from '../../platform/limits/proven-places.ts';
import type { EventFeed } from './event-feed.ts';
import type { Holds } from './holds.ts';

export interface SharedStore {
  readonly events: EventFeed;
  readonly holds: Holds;
  /** @param table a name; the same key in another table is another bucket */
  buckets(table: string): Buckets;
  readonly provenPlaces: ProvenPlaces;
}
