/** Percentiles of times in milliseconds, for reports. */
export interface Spread {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export function spreadOf(times: readonly number[]): Spread {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (part: number): number =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0);
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) };
}

export const shown = ({ count, p50, p99, max }: Spread): string =>
  `${count}, p50 ${p50} ms, p99 ${p99} ms, max ${max} ms`;
