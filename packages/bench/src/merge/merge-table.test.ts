import { describe, expect, it } from 'vitest';
import type { MergeFigures } from './merge-run.ts';
import { MERGE_HEADER, mergeRows } from './merge-table.ts';

const used = { longestStallMs: 12.4, cpuMs: 1_500, peakBytes: 100 * 1024 ** 2 };
const figures: MergeFigures = {
  convergedMs: 1_234.5,
  sentBytes: 2_048,
  receivedBytes: 2_048_000,
  forwardedBytes: 1_024,
  server: used,
  returning: { ...used, longestStallMs: 3 },
  staying: used,
  writingMs: 2_500,
  extraCharacters: 0,
};
const point = { edits: 10_000, isScattered: false, system: 'concord' } as const;

describe('mergeRows', () => {
  it('has a cell for every column', () => {
    const [row] = mergeRows([{ ...point, figures }]);
    expect(row).toHaveLength(MERGE_HEADER.length);
    expect(row).toEqual([
      '10,000',
      'Concord',
      '1,235',
      '2.0 / 2,000',
      '1.0',
      '12 / 3 / 12',
      '1,500 / 1,500',
      '100 / 100',
      '2.5',
    ]);
  });

  it('names the phase that timed out, and the timeout', () => {
    const [merge, write] = mergeRows([
      { ...point, figures: 'merging' },
      { ...point, figures: 'writing' },
    ]);
    expect(merge).toHaveLength(MERGE_HEADER.length);
    expect(merge?.[2]).toBe('not within 120 s');
    expect(write?.[2]).toBe('branches not written');
  });

  it('shows surplus and missing characters of the merged text', () => {
    const [more, fewer] = mergeRows([
      { ...point, figures: { ...figures, extraCharacters: 442 } },
      { ...point, figures: { ...figures, extraCharacters: -3 } },
    ]);
    expect(more?.[2]).toBe('1,235 (+442 characters)');
    expect(fewer?.[2]).toBe('1,235 (−3 characters)');
  });

  it('marks rows of edits at random places', () => {
    const [row] = mergeRows([{ ...point, isScattered: true, figures }]);
    expect(row?.[0]).toBe('10,000 at random places');
  });
});
