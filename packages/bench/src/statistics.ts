/** Statistics for the tables. */

/**
 * The value below which `fraction` of the samples lie (nearest rank); NaN for no samples.
 * @param samples in any order; not changed
 * @param fraction from 0 to 1, such as 0.99
 */
export function percentile(samples: readonly number[], fraction: number): number {
  if (samples.length === 0) return NaN;
  const sorted = Float64Array.from(samples).sort();
  const rank = Math.ceil(fraction * sorted.length);
  return sorted[Math.min(sorted.length, Math.max(1, rank)) - 1] ?? NaN;
}

/** The middle value, or the mean of the two middle ones; NaN for no values. */
export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  if (sorted.length % 2 === 1) return upper;
  return ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/**
 * Where the median of what the values were drawn from lies with at least 95 % confidence, whatever its distribution
 * (the interval of the sign test); the lowest and highest where the values are too few for that.
 */
export function medianInterval(values: readonly number[]): readonly [low: number, high: number] {
  const sorted = Float64Array.from(values).sort();
  const count = sorted.length;
  // P(fewer than `left` values below the median), which an interval without `left` values at each end misses by.
  let missed = 0;
  let left = 0;
  for (let likelihood = 0.5 ** count; left < count / 2; left++) {
    missed += likelihood;
    if (missed > 0.025) break;
    likelihood *= (count - left) / (left + 1);
  }
  const skipped = Math.max(0, left - 1);
  return [sorted[skipped] ?? NaN, sorted[count - 1 - skipped] ?? NaN];
}

/** Two percentiles and how many samples stand behind them. Milliseconds. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly samples: number;
}

export function latencyOf(samples: readonly number[]): Latency {
  return {
    p50: percentile(samples, 0.5),
    p99: percentile(samples, 0.99),
    samples: samples.length,
  };
}

/** The order of `repetitions` runs of both sides that cancels a steady drift of the machine: A B, B A, A B … */
export function alternating<Side>(first: Side, second: Side, repetitions: number): Side[] {
  return Array.from({ length: repetitions }, (_, repetition) =>
    repetition % 2 === 0 ? [first, second] : [second, first],
  ).flat();
}
