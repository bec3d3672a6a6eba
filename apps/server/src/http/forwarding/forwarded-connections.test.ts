import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { ForwardedConnections } from './forwarded-connections.ts';

class Client extends EventEmitter {
  isEnded = false;
  destroySoon(): void {
    this.isEnded = true;
    this.emit('close');
  }
}

/** Ends `count` connections by a clock that only `sleep` moves. @returns how many had ended by then, at each tick */
async function ended(count: number, withinMs: number, leave = 0) {
  let now = 0;
  const ticks: { readonly at: number; readonly ended: number }[] = [];
  const clients = Array.from({ length: count }, () => new Client());
  const connections = new ForwardedConnections({
    now: () => now,
    sleep: async (ms) => {
      ticks.push({ at: now, ended: clients.filter(({ isEnded }) => isEnded).length });
      now += ms;
    },
  });
  for (const client of clients) connections.add(client);
  for (const client of clients.slice(0, leave)) client.emit('close');
  await connections.end(withinMs);
  const order = clients.map(({ isEnded }) => isEnded);
  return { ticks, took: now, ended: order.filter(Boolean).length };
}

it('connections that a leaving node passes on end evenly, not together', async () => {
  const { ticks, took, ended: all } = await ended(1_000, 12_000);
  expect(all).toBe(1_000);
  expect(took).toBeGreaterThanOrEqual(2_000);
  expect(took).toBeLessThan(2_100);
  for (const { at, ended: count } of ticks) {
    // At most what its part of the time allows, and one that rounding adds.
    expect(count).toBeLessThanOrEqual((1_000 * at) / 2_000 + 1);
  }
});

it('very many of them end as fast as the time that the node has allows', async () => {
  const { took, ended: all } = await ended(50_000, 3_000);
  expect(all).toBe(50_000);
  expect(took).toBeLessThan(3_100);
});

it('a node that passes none on does not wait', async () => {
  expect(await ended(0, 12_000)).toMatchObject({ took: 0, ended: 0 });
  const { took, ended: all } = await ended(3, 12_000, 3);
  expect([took, all]).toEqual([0, 0]);
});
