import { expect, it } from 'vitest';
import { Random } from './random.ts';
import { Scheduler } from './scheduler.ts';

it('the scheduler runs entries by time, and at equal times in the order of scheduling', () => {
  const scheduler = new Scheduler();
  const random = new Random('scheduler');
  const ran: [number, number][] = [];
  for (let index = 0; index < 500; index++) {
    const delay = random.integer(0, 50);
    const entry = scheduler.after(delay, () => ran.push([scheduler.now, index]));
    expect(entry.time).toBe(delay);
    if (index % 7 === 0) entry.cancelled = true;
  }
  scheduler.runUntil(1_000);
  expect(ran).toEqual([...ran].sort(([a, i], [b, j]) => a - b || i - j));
  expect(ran.some(([, index]) => index % 7 === 0)).toBe(false);
  expect(ran).toHaveLength(500 - Math.ceil(500 / 7));
  expect(scheduler.now).toBe(1_000);
});

it('a forked random stream depends on key and label only, not on former draws', () => {
  const root = new Random('root');
  const before = root.fork('a').next();
  root.next();
  root.fork('b').next();
  expect(root.fork('a').next()).toBe(before);
});
