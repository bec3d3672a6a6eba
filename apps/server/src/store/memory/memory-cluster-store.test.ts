import { describeClusterStore } from '../conformance/cluster-store.ts';
import { MemoryClusterStore } from './memory-cluster-store.ts';

describeClusterStore('memory', async () => new MemoryClusterStore());
