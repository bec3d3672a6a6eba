import { EventEmitter } from 'node:events';
import {
  CONNECTIONS_PER_ADDRESS,
  HANDSHAKES_BURST,
  POLLING_HANDSHAKES_BURST,
} from '@concord/protocol';
import { setTimeout } from 'node:timers/promises';
import type { Socket } from 'socket.io';
import { expect, it } from 'vitest';
import type { ConnectionCounts } from '../platform/limits/connection-counts.ts';
import { processLimitState } from '../platform/limits/limit-state.ts';
import { ConnectionBudget } from './connection-budget.ts';

/** What the budget knows of a connection: that it closes. */
const newConnection = (): Socket['conn'] => new EventEmitter() as unknown as Socket['conn'];

function sceneOf(joinDeadlineMs = 60_000, limitState = processLimitState()) {
  const refused: string[] = [];
  const ended: Socket['conn'][] = [];
  const budget = new ConnectionBudget({
    refused: (kind) => refused.push(kind),
    limitState,
    end: (connection) => {
      ended.push(connection);
      connection.emit('close');
    },
    joinDeadlineMs,
  });
  return { budget, refused, ended };
}

it('counts connections that never say anything, an IPv6 network as one address', async () => {
  const { budget, refused } = sceneOf();
  const connections = Array.from({ length: CONNECTIONS_PER_ADDRESS }, newConnection);
  for (const [index, connection] of connections.entries()) {
    await budget.opened(connection, `2001:db8::${(index % 9_000).toString(16)}`);
  }
  expect(await budget.allows('2001:db8::ffff', 'websocket')).toBe(false);
  expect(refused).toEqual(['connections']);
  expect(await budget.allows('2001:db8:0:1::1', 'websocket')).toBe(true);
  for (const connection of connections) connection.emit('close');
  expect(await budget.allows('2001:db8::ffff', 'websocket')).toBe(true);
  expect(budget.unjoined).toBe(0);
});

it('ends those that are too many together, though each was allowed before the others were open', async () => {
  const { budget, refused, ended } = sceneOf();
  const connections = Array.from({ length: CONNECTIONS_PER_ADDRESS + 2 }, newConnection);
  await Promise.all(connections.map((connection) => budget.opened(connection, '10.0.0.1')));
  expect(refused).toEqual(['connections', 'connections']);
  expect(ended).toEqual(connections.slice(-2));
  // What was never counted releases nothing.
  expect(await budget.allows('10.0.0.1', 'websocket')).toBe(false);
});

it('a connection that closes while it is being counted is not counted for longer', async () => {
  const limitState = processLimitState();
  const { connections } = limitState;
  const answered: (() => void)[] = [];
  // As a store of several servers answers: later.
  const later: ConnectionCounts = {
    isFull: (key, max) => connections.isFull(key, max),
    release: (key) => connections.release(key),
    take: async (key, max) => {
      await new Promise<void>((resolve) => answered.push(resolve));
      return connections.take(key, max);
    },
  };
  const { budget } = sceneOf(60_000, { ...limitState, connections: later });
  const connection = newConnection();
  const opened = budget.opened(connection, '10.0.0.1');
  connection.emit('close');
  for (const answer of answered) answer();
  await opened;
  expect(await connections.isFull('address 10.0.0.1', 1)).toBe(false);
});

it('lets those who flood one transport leave the other to their neighbours', async () => {
  const { budget, refused } = sceneOf();
  let granted = 0;
  for (let each = 0; each < 3_000; each++)
    if (await budget.allows('10.0.0.1', 'polling')) granted += 1;
  expect(granted).toBeGreaterThanOrEqual(POLLING_HANDSHAKES_BURST);
  expect(granted).toBeLessThan(2 * POLLING_HANDSHAKES_BURST);
  expect(refused).toContain('handshakes');
  expect(await budget.allows('10.0.0.1', 'websocket')).toBe(true);
  expect(await budget.allows('10.0.0.2', 'polling')).toBe(true);
});

it('lets a class come at once after a restart', async () => {
  const { budget } = sceneOf();
  for (let each = 0; each < HANDSHAKES_BURST; each++) {
    expect(await budget.allows('10.0.0.1', 'websocket')).toBe(true);
  }
});

it('ends connections that do not join in time, and no others', async () => {
  const { budget, ended } = sceneOf(5);
  const [silent, joined] = [newConnection(), newConnection()];
  await budget.opened(silent, '10.0.0.1');
  await budget.opened(joined, '10.0.0.1');
  budget.joined(joined);
  while (ended.length === 0) await setTimeout(1);
  await setTimeout(20);
  expect(ended).toEqual([silent]);
});
