import { expect, it } from 'vitest';
import { FewLines } from './few-lines.ts';

it('limits the lines of each kind per minute, and reports that some were omitted', () => {
  let now = 0;
  const lines: unknown[] = [];
  const few = new FewLines({ error: (...line: unknown[]) => void lines.push(line) }, () => now);
  for (let each = 0; each < 1_000; each++) few.error({ document: each }, 'join failed');
  few.error({}, 'request failed');
  expect(lines).toHaveLength(11);
  expect(lines[8]).toEqual([{ document: 8 }, 'join failed']);
  expect(lines[9]).toEqual([{ document: 9 }, 'join failed; further ones of this minute are left out']); // prettier-ignore
  expect(lines[10]).toEqual([{}, 'request failed']);
  now = 60_000;
  few.error({}, 'join failed');
  expect(lines[11]).toEqual([{}, 'join failed']);
});
