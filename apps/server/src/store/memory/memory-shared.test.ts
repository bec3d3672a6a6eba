import { ProcessBuckets } from '../../platform/limits/bucket-table.ts';
import { ProcessProvenPlaces } from '../../platform/limits/proven-places.ts';
import { describeHolds } from '../conformance/holds.ts';
import { describeBuckets, describeProvenPlaces } from '../conformance/shared-limits.ts';
import { MemoryHolds } from './memory-holds.ts';

const twice = <T>(shared: T) => Promise.resolve([shared, shared] as const);

describeHolds('memory', () => twice(new MemoryHolds()));
describeBuckets('memory', () => twice(new ProcessBuckets()));
describeProvenPlaces('memory', () => twice(new ProcessProvenPlaces()));
