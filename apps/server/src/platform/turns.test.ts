import { expect, it } from 'vitest';
import { Turns } from './turns.ts';

it('runs few at a time, in the order in which they asked, and goes on after one that failed', async () => {
  const turns = new Turns(2);
  const started: number[] = [];
  const finish: (() => void)[] = [];
  const all = [0, 1, 2, 3, 4].map((each) =>
    turns
      .run(async () => {
        started.push(each);
        await new Promise<void>((resolve) => finish.push(resolve));
        if (each === 1) throw new Error('no');
      })
      .catch(() => {}),
  );
  await Promise.resolve();
  expect(started).toEqual([0, 1]);
  while (started.length < 5) {
    finish.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  for (const each of finish) each();
  await Promise.all(all);
  expect(started).toEqual([0, 1, 2, 3, 4]);
});

it('lets turns go round between those who ask, however often one of them does', async () => {
  const turns = new Turns(1);
  const started: string[] = [];
  const ask = (who: string, what: string): Promise<void> =>
    turns.run(async () => void started.push(what), who);
  await Promise.all([
    ...['a1', 'a2', 'a3', 'a4'].map((what) => ask('a', what)),
    ask('b', 'b1'),
    ask('c', 'c1'),
  ]);
  // The first one found nothing running.
  expect(started).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'a4']);
});
