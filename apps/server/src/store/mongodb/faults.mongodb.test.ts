/** The store while its server fails: all that sets fail points, of which a server has one at a time. */
import { describe } from 'vitest';
import { describeClusterFaults } from './test-cluster-faults.ts';
import { testPlaces, testServerUrl } from './test-database.ts';
import { describeMongoEventFeed } from './test-event-feed.ts';
import { describeFaults, STRUCK } from './test-faults.ts';

describe.skipIf(testServerUrl === null)('the MongoDB store, over a real connection', () => {
  const places = testPlaces(STRUCK);
  describeFaults(places);
  describeClusterFaults(places);
  describeMongoEventFeed(places);
});
