/** All that needs a server is in this file: fail points of a server fail the commands of every test beside them. */
import { describe, it } from 'vitest';
import { describeStore } from '../conformance/conformance.ts';
import { describeParts } from '../conformance/parts.ts';
import { describeCluster } from './test-cluster.ts';
import { testPlaces, testServerUrl } from './test-database.ts';
import { describeMongoEventFeed } from './test-event-feed.ts';
import { describeFaults } from './test-faults.ts';
import { describeOpening } from './test-opening.ts';
import { describeSeveralServers } from './test-several.ts';
import { describeMongoShared } from './test-shared.ts';

if (testServerUrl === null) {
  describe('the MongoDB store', () => {
    it.skip('was not tested: CONCORD_TEST_MONGODB_URL names no server', () => {});
  });
} else {
  const places = testPlaces();
  describeStore('the MongoDB store', places.open);
  describeParts('the MongoDB store', places.open);
  describeCluster(places);
  describe('the MongoDB store', () => {
    describeSeveralServers(places);
    describeOpening(places);
    describeFaults(places);
    describeMongoEventFeed(places);
    describeMongoShared(places);
  });
}
