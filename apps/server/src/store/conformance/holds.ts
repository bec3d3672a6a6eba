/** The contract of holds. Stores with a clock of their own wait for it: holds that expire here are short. */
import { setTimeout } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Holds } from '../ports/holds.ts';

const LONG_MS = 600_000;
const by = (holder: string, forMs = LONG_MS) => ({ holder, value: `of ${holder}`, forMs });

/** @param open two servers' access to the same holds, without any for each test */
export function describeHolds(name: string, open: () => Promise<readonly [Holds, Holds]>): void {
  describe(`holds in ${name}`, () => {
    let one: Holds;
    let other: Holds;
    beforeEach(async () => {
      [one, other] = await open();
    });

    it('are of one holder at a time, whose value the others are told', async () => {
      expect(await one.take('job', by('$a'))).toBeNull();
      expect(await other.take('job', by('b'))).toBe('of $a');
      expect(await one.take('job', by('$a'))).toBeNull();
      expect(await other.take('another job', by('b'))).toBeNull();
    });

    it('are free when their holder released them, and not when another tried to', async () => {
      await one.take('job', by('a'));
      await other.release('job', 'b');
      expect(await other.take('job', by('b'))).toBe('of a');
      await one.release('job', 'a');
      expect(await other.take('job', by('b'))).toBeNull();
    });

    it('expire by the clock of the database', async () => {
      await one.take('job', by('a', 1));
      while ((await other.take('job', by('b'))) !== null) await setTimeout(2);
      expect(await one.take('job', by('a'))).toBe('of b');
      await one.release('job', 'a');
      expect(await one.take('job', by('a'))).toBe('of b');
    });

    it('are taken by one of many who want them at once, again when they have expired', async () => {
      const race = async (round: string) => {
        const wanted = Array.from({ length: 20 }, (_, index) =>
          (index % 2 === 0 ? one : other).take('job', by(`${round} ${index}`, 1)),
        );
        return (await Promise.all(wanted)).filter((held) => held === null).length;
      };
      // Each is over after a millisecond, so that several may have one after another: a first one always does.
      expect(await race('first')).toBeGreaterThan(0);
      const long = Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? one : other).take('race', by(String(index))),
      );
      expect((await Promise.all(long)).filter((held) => held === null)).toHaveLength(1);
    });
  });
}
