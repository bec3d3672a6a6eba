/** The parts of the contract in this directory; the others are in conformance.ts. */
import { afterEach, beforeEach, describe } from 'vitest';
import type { Store } from '../ports/store.ts';
import { describeEffects } from './effects.ts';
import { describeEpochs } from './epochs.ts';
import { describeOddInput } from './odd-input.ts';
import { describeRemoval } from './removal.ts';
import { describeRetention } from './retention.ts';
import type { Scene } from './scene.ts';
import { describeSharedTransactions } from './shared-transactions.ts';
import { describeSigningKeys } from './signing-keys.ts';
import { describeTitles } from './titles.ts';
import { describeTogether } from './together.ts';
import { describeUsage } from './usage.ts';

let places = 0;

/** @param open opens the store at a place: a name whose store is empty at first and survives `close` */
export function describeParts(name: string, open: (place: string) => Promise<Store>): void {
  describe(name, () => {
    let place: string;
    let store: Store;
    beforeEach(async () => {
      place = `part-${++places}`;
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
