import { describeStore } from '../conformance.ts';
import { MemoryContents, openMemoryStore } from './memory-store.ts';

const places = new Map<string, MemoryContents>();

describeStore('the memory store', async (place) => {
  const contents = places.get(place) ?? new MemoryContents();
  places.set(place, contents);
  return openMemoryStore(contents);
});
