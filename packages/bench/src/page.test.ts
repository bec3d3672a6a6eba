import { expect, it } from 'vitest';
import { writtenByHand } from './page.ts';

it('a comparison of two commits stays at the end of the page when the page is written again', () => {
  const comparison =
    '\n## Before and after the restructuring\n\n| 1 |\n\n## Before and after that\n';
  expect(writtenByHand(`# Benchmarks\n\n## Method\n${comparison}`)).toBe(comparison);
});

it('a page without a comparison of two commits has nothing to be kept', () => {
  expect(writtenByHand('# Benchmarks\n\n## Method\n')).toBe('');
});
