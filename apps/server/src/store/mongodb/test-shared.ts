/** What servers share over two connections. */
import { afterEach, describe, expect, it } from 'vitest';
import { describeHolds } from '../conformance/holds.ts';
import { describeBuckets, describeProvenPlaces } from '../conformance/shared-limits.ts';
import type { SharedStore } from '../ports/shared-store.ts';
import type { Store } from '../ports/store.ts';
import type { TestPlaces } from './test-database.ts';

export function describeMongoShared({ open, db }: TestPlaces): void {
  describe('what servers share in MongoDB', () => {
    let places = 0;
    let place = '';
    const stores: Store[] = [];
    async function two<T>(part: (shared: SharedStore) => T): Promise<readonly [T, T]> {
      place = `shared-${++places}`;
      const parts: T[] = [];
      for (const store of [await open(place), await open(place)]) {
        stores.push(store);
        if (store.shared !== null) parts.push(part(store.shared));
      }
      return parts as unknown as [T, T];
    }
    afterEach(async () => {
      await Promise.all(stores.splice(0).map((store) => store.close()));
    });

    describeHolds('MongoDB', () => two(({ holds }) => holds));
    describeBuckets('MongoDB', () => two((shared) => shared.buckets('attempts')));
    describeProvenPlaces('MongoDB', () => two(({ provenPlaces }) => provenPlaces));

    it('shows neither a login that was typed nor an address in its rows, which end by themselves', async () => {
      const [buckets] = await two((shared) => shared.buckets('attempts'));
      await buckets.take([
        { key: 'signIn 192.0.2.1 hunter2', rule: { burst: 3, refillMs: 1_000 } },
      ]);
      const rows = await db(place).collection('limitBuckets').find().toArray();
      expect(rows).toHaveLength(1);
      expect(JSON.stringify(rows)).not.toMatch(/hunter2|192\.0\.2\.1|signIn/);
      expect(rows[0]?.['goneAt']).toBeInstanceOf(Date);
    });
  });
}
