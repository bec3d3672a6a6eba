import { describe, expect, it } from 'vitest';
import { alternating, latencyOf, median, medianInterval, percentile } from './statistics.ts';

describe('percentile, by nearest rank', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  it.each([
    [0, 1],
    [0.5, 50],
    [0.99, 99],
    [1, 100],
  ])('%d of 1…100 is %d', (fraction, expected) => {
    expect(percentile(hundred, fraction)).toBe(expected);
  });

  it('is the sample itself for one sample, and NaN for none', () => {
    expect(percentile([7], 0.01)).toBe(7);
    expect(percentile([], 0.5)).toBeNaN();
  });

  it('does not reorder its argument', () => {
    const samples = [3, 1, 2];
    expect(latencyOf(samples)).toEqual({ p50: 2, p99: 3, samples: 3 });
    expect(samples).toEqual([3, 1, 2]);
  });
});

it('the median of an even number of values is the mean of the middle two', () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([10, 1, 2])).toBe(2);
  expect(median([])).toBeNaN();
});

it('alternating runs each side as often first as second', () => {
  expect(alternating('a', 'b', 4).join('')).toBe('abbaabba');
});

it.each([
  [5, [1, 5]],
  [8, [1, 8]],
  [9, [2, 8]],
  [16, [4, 13]],
  [30, [10, 21]],
])(
  'the median of %d values lies, with 95 % confidence, between these of them',
  (count, interval) => {
    const values = Array.from({ length: count }, (_, index) => count - index);
    expect(medianInterval(values)).toEqual(interval);
  },
);
