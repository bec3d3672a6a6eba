import { EventEmitter } from 'node:events';
import {
  CONNECTIONS_PER_ADDRESS,
  HANDSHAKES_BURST,
  POLLING_HANDSHAKES_BURST,
} from '@concord/protocol';
import { setTimeout } from 'node:timers/promises';
import type { Socket } from 'socket.io';
import { expect, it } from 'vitest';
import { ConnectionBudget } from './connection-budget.ts';

/** What the budget knows of a connection: that it closes. */
const newConnection = (): Socket['conn'] => new EventEmitter() as unknown as Socket['conn'];

function sceneOf(joinDeadlineMs = 60_000) {
  const refused: string[] = [];
  const expired: Socket['conn'][] = [];
  const budget = new ConnectionBudget({
    refused: (kind) => refused.push(kind),
    expired: (connection) => {
      expired.push(connection);
      connection.emit('close');
    },
    joinDeadlineMs,
  });
  return { budget, refused, expired };
}

it('counts connections that never say anything, an IPv6 network as one address', () => {
  const { budget, refused } = sceneOf();
  const connections = Array.from({ length: CONNECTIONS_PER_ADDRESS }, newConnection);
  for (const [index, connection] of connections.entries()) {
    budget.opened(connection, `2001:db8::${(index % 9_000).toString(16)}`);
  }
  expect(budget.allows('2001:db8::ffff', 'websocket')).toBe(false);
  expect(refused).toEqual(['connections']);
  expect(budget.allows('2001:db8:0:1::1', 'websocket')).toBe(true);
  for (const connection of connections) connection.emit('close');
  expect(budget.allows('2001:db8::ffff', 'websocket')).toBe(true);
  expect(budget.unjoined).toBe(0);
});

it('lets those who flood one transport leave the other to their neighbours', () => {
  const { budget, refused } = sceneOf();
  let granted = 0;
  for (let each = 0; each < 3_000; each++) if (budget.allows('10.0.0.1', 'polling')) granted += 1;
  expect(granted).toBeGreaterThanOrEqual(POLLING_HANDSHAKES_BURST);
  expect(granted).toBeLessThan(2 * POLLING_HANDSHAKES_BURST);
  expect(refused).toContain('handshakes');
  expect(budget.allows('10.0.0.1', 'websocket')).toBe(true);
  expect(budget.allows('10.0.0.2', 'polling')).toBe(true);
});

it('lets a class come at once after a restart', () => {
  const { budget } = sceneOf();
  for (let each = 0; each < HANDSHAKES_BURST; each++) {
    expect(budget.allows('10.0.0.1', 'websocket')).toBe(true);
  }
});

it('ends connections that do not join in time, and no others', async () => {
  const { budget, expired } = sceneOf(5);
  const [silent, joined] = [newConnection(), newConnection()];
  budget.opened(silent, '10.0.0.1');
  budget.opened(joined, '10.0.0.1');
  budget.joined(joined);
  while (expired.length === 0) await setTimeout(1);
  await setTimeout(20);
  expect(expired).toEqual([silent]);
});
