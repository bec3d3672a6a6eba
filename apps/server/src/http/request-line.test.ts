import { expect, it } from 'vitest';
import { RequestLine } from './request-line.ts';

/** A line whose turns and time are told here; each request takes `ms`. */
function scene(ms: number) {
  let now = 0;
  const turns: (() => void)[] = [];
  const handled: string[] = [];
  const line = new RequestLine({ now: () => now, later: (run) => void turns.push(run) });
  const add = (address: string, name: string): void =>
    line.add(address, () => {
      handled.push(name);
      now += ms;
    });
  /** Ends a turn of the event loop; returns what was handled in it. */
  const turn = (): string[] => {
    handled.length = 0;
    turns.shift()?.();
    return [...handled];
  };
  return { add, turn, turns };
}

it('handles one time slice of requests per turn of the event loop', () => {
  const { add, turn, turns } = scene(2);
  for (let each = 0; each < 7; each++) add('a', `a${each}`);
  // What arrived in the same moment as they comes before all of them.
  expect(turns).toHaveLength(1);
  expect(turn()).toEqual(['a0', 'a1', 'a2']);
  expect(turn()).toEqual(['a3', 'a4', 'a5']);
  expect(turn()).toEqual(['a6']);
  expect(turns).toHaveLength(0);
});

it('handles one request per turn when it exceeds the slice', () => {
  const { add, turn } = scene(50);
  add('a', 'a0');
  add('a', 'a1');
  expect(turn()).toEqual(['a0']);
  expect(turn()).toEqual(['a1']);
});

it('is round-robin between addresses, however many requests one of them has', () => {
  const { add, turn } = scene(1);
  for (let each = 0; each < 100; each++) add('a', `a${each}`);
  add('b', 'b0');
  add('c', 'c0');
  add('b', 'b1');
  expect(turn()).toEqual(['a0', 'b0', 'c0', 'a1', 'b1']);
  expect(turn()).toEqual(['a2', 'a3', 'a4', 'a5', 'a6']);
});
