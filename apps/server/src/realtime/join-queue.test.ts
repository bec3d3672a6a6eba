import { setImmediate, setTimeout } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { JoinQueue, type JoinQueueOptions } from './join-queue.ts';
import { ProcessBuckets } from '../platform/limits/bucket-table.ts';
import { perSecond } from '../platform/limits/buckets.ts';

const plenty = perSecond(1_000_000, 1_000_000);

function queueOf(options: Partial<JoinQueueOptions> = {}): JoinQueue {
  const buckets = new ProcessBuckets();
  return new JoinQueue({
    ...{ buckets, ofAddress: plenty, ofPerson: plenty },
    isBlocked: () => false,
    ...options,
  });
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await setTimeout(1);
}

it('starts few joins at a time, and takes turns between addresses', async () => {
  const queue = queueOf();
  const started: string[] = [];
  const finish: (() => void)[] = [];
  const add = async (address: string, session: number): Promise<void> => {
    const run = (): Promise<void> => {
      started.push(address);
      return new Promise((resolve) => finish.push(resolve));
    };
    expect(await queue.add({ session, address, run }, `person ${session}`)).toBe(0);
  };
  for (let session = 0; session < 50; session++) await add('crowd', session);
  for (let session = 50; session < 53; session++) await add('school', session);
  await until(() => started.length >= 8);
  await setImmediate();
  expect(started).toHaveLength(8);
  // The crowd came first, and waits like the other addresses.
  expect(started.filter((address) => address === 'school')).toHaveLength(3);
  while (started.length < 53) {
    finish.shift()?.();
    await setImmediate();
  }
  for (const each of finish) each();
  await until(() => queue.size === 0);
});

it('goes on after a join that failed', async () => {
  const queue = queueOf();
  let ran = 0;
  for (let session = 0; session < 30; session++) {
    const run = (): Promise<void> => {
      ran += 1;
      return Promise.reject(new Error('no'));
    };
    await queue.add({ session, address: 'a', run }, 'p');
  }
  await until(() => ran === 30 && queue.size === 0);
});

it('lets a person who joins one document again and again wait, then come again later', async () => {
  let now = 0;
  const buckets = new ProcessBuckets({ now: () => now });
  const queue = queueOf({ buckets, ofPerson: perSecond(2, 3) });
  let ran = 0;
  const run = async (): Promise<void> => void (ran += 1);
  const waits = await Promise.all(
    Array.from({ length: 12 }, (_, session) =>
      queue.add({ session, address: 'a', run }, 'ann in a document'),
    ),
  );
  // Three at once, five with a place in the queue, the others not.
  expect(waits.filter((wait) => wait === 0)).toHaveLength(8);
  expect(waits.at(-1)).toBe(3_000);
  expect(await queue.add({ session: 99, address: 'a', run }, 'bob in a document')).toBe(0);
  now += 10_000;
  expect(await queue.add({ session: 98, address: 'a', run }, 'ann in a document')).toBe(0);
  await until(() => ran >= 5);
  queue.close();
});

it('lets no connection queue many joins, whatever identity it claims', async () => {
  const queue = queueOf();
  const run = (): Promise<void> => new Promise(() => {});
  const waits = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      queue.add({ session: 1, address: 'a', run }, `person ${index}`),
    ),
  );
  expect(waits.filter((wait) => wait === 0)).toHaveLength(4);
  queue.close();
});

it('starts nothing for an address that does not read, while others go on', async () => {
  let isBlocked = true;
  const queue = queueOf({ isBlocked: (address) => address === 'slow' && isBlocked });
  const ran: string[] = [];
  for (const [session, address] of ['slow', 'slow', 'quick', 'quick'].entries()) {
    await queue.add({ session, address, run: async () => void ran.push(address) }, `p${session}`);
  }
  await until(() => ran.length === 2);
  await setTimeout(60);
  expect(ran).toEqual(['quick', 'quick']);
  isBlocked = false;
  await until(() => ran.length === 4);
});

it('lets an address from which many people join wait, then come again later', async () => {
  const buckets = new ProcessBuckets({ now: () => 0 });
  const queue = queueOf({ buckets, ofAddress: perSecond(2, 3) });
  const run = (): Promise<void> => new Promise(() => {});
  const waits = await Promise.all(
    Array.from({ length: 12 }, (_, session) =>
      queue.add({ session, address: 'school', run }, `person ${session}`),
    ),
  );
  // Three at once, five with a place in the queue, the others not.
  expect(waits.filter((wait) => wait === 0)).toHaveLength(8);
  expect(waits.at(-1)).toBe(3_000);
  expect(await queue.add({ session: 99, address: 'home', run }, 'somebody else')).toBe(0);
  queue.close();
});

it('a join that cannot be counted is not queued, and does not use up what its connection may queue', async () => {
  const buckets = new ProcessBuckets();
  const queue = queueOf({ buckets });
  vi.spyOn(buckets, 'take').mockRejectedValue(new Error('not now'));
  const run = (): Promise<void> => new Promise(() => {});
  for (let each = 0; each < 10; each++) {
    await expect(queue.add({ session: 1, address: 'a', run }, 'ann')).rejects.toThrow('not now');
  }
  expect(queue.size).toBe(0);
  queue.close();
});
