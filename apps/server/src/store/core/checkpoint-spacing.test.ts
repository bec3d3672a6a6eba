import { expect, it } from 'vitest';
import { superfluousCheckpoints, type KeptCheckpoint } from './checkpoint-spacing.ts';

/** What is left when a checkpoint is written every so many versions. */
function written(until: number, every: number, bytes = 1_000): readonly KeptCheckpoint[] {
  let kept: readonly KeptCheckpoint[] = [];
  for (let version = every; version <= until; version += every) {
    const all = [...kept, { version, bytes }];
    const gone = new Set(superfluousCheckpoints(all));
    expect(gone).not.toContain(version);
    kept = all.filter((each) => !gone.has(each.version));
  }
  return kept;
}

it.each([
  [100_000, 1_000],
  [20_000, 20],
  [3_000, 1],
])('of %i versions with a checkpoint every %i, few are kept', (until, every) => {
  const kept = written(until, every);
  expect(kept.at(-1)?.version).toBe(until);
  expect(kept.length).toBeLessThan(40);
});

it('any version is reached by replaying no more than a share of what happened since', () => {
  const until = 100_000;
  const versions = [0, ...written(until, 1_000).map(({ version }) => version)];
  for (const [place, version] of versions.entries()) {
    const next = versions[place + 1] ?? until;
    expect(next - version).toBeLessThanOrEqual(Math.max(1_000, 0.6 * (until - version)));
  }
});

it('checkpoints of a long text take no more than three times the newest', () => {
  const bytes = 2_000_000;
  const kept = written(50_000, 1_000, bytes);
  expect(kept.length).toBeGreaterThan(1);
  expect(kept.length).toBeLessThanOrEqual(3);
});

it('a single checkpoint stays, and none is no fault', () => {
  expect(superfluousCheckpoints([{ version: 7, bytes: 10_000_000 }])).toEqual([]);
  expect(superfluousCheckpoints([])).toEqual([]);
});
