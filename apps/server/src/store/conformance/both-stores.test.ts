/** The parts of the contract in this directory, for both stores; the others are in conformance.ts. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe } from 'vitest';
import { MemoryDisk, openMemoryStore } from '../memory/memory-store.ts';
import { openSqliteStore } from '../sqlite/sqlite-store.ts';
import type { Store } from '../ports/store.ts';
import { describeEffects } from './effects.ts';
import { describeOddInput } from './odd-input.ts';
import { describeRemoval } from './removal.ts';
import { describeRetention } from './retention.ts';
import { describeSigningKeys } from './signing-keys.ts';
import { describeUsage } from './usage.ts';
import { describeSharedTransactions } from './shared-transactions.ts';
import type { Scene } from './scene.ts';
import { describeEpochs } from './epochs.ts';
import { describeTitles } from './titles.ts';
import { describeTogether } from './together.ts';

const root = mkdtempSync(join(tmpdir(), 'concord-store-'));
afterAll(() => rmSync(root, { recursive: true }));
let places = 0;

function describeParts(name: string, open: (place: string) => Promise<Store>) {
  describe(name, () => {
    let place: string;
    let store: Store;
    beforeEach(async () => {
      place = join(root, `place-${++places}`);
      store = await open(place);
    });
    afterEach(() => store.close());
    const scene: Scene = {
      get store() {
        return store;
      },
      reopen: async () => {
        await store.close();
        store = await open(place);
      },
    };
    describeRemoval(scene);
    describeRetention(scene);
    describeUsage(scene);
    describeSigningKeys(scene);
    describeSharedTransactions(scene);
    describeOddInput(scene);
    describeTogether(scene);
    describeEpochs(scene);
    describeTitles(scene);
    describeEffects(scene);
  });
}

describeParts('the SQLite store', openSqliteStore);

/** What is on a disk outlives the store. */
const disks = new Map<string, MemoryDisk>();
describeParts('the memory store', (place) => {
  const disk = disks.get(place) ?? new MemoryDisk();
  disks.set(place, disk);
  return Promise.resolve(openMemoryStore(disk));
});
