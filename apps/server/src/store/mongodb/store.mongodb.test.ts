/** The store over a real connection: the contract, several servers, and opening. */
import { describe } from 'vitest';
import { describeStore } from '../conformance/conformance.ts';
import { describeParts } from '../conformance/parts.ts';
import { describeCluster } from './test-cluster.ts';
import { testPlaces, testServerUrl } from './test-database.ts';
import { describeOpening } from './test-opening.ts';
import { describeSeveralServers } from './test-several.ts';
import { describeMongoShared } from './test-shared.ts';

describe.skipIf(testServerUrl === null)('over a real connection', () => {
  const places = testPlaces();
  describeStore('the MongoDB store', places.open);
  describeParts('the MongoDB store', places.open);
  describeCluster(places);
  describe('the MongoDB store', () => {
    describeSeveralServers(places);
    describeOpening(places);
    describeMongoShared(places);
  });
});
