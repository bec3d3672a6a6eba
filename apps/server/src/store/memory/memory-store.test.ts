import { describeStore } from '../conformance/conformance.ts';
import { MemoryDisk, openMemoryStore } from './memory-store.ts';

/** What is on a disk outlives the store, as the contract asks. */
const disks = new Map<string, MemoryDisk>();

describeStore('the memory store', (place) => {
  const disk = disks.get(place) ?? new MemoryDisk();
  disks.set(place, disk);
  return Promise.resolve(openMemoryStore(disk));
});
