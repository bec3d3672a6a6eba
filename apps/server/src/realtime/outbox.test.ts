import { EventEmitter } from 'node:events';
import { createServer } from 'node:http';
import {
  OUTBOX_BYTES_MAX,
  OUTBOX_FRAMES_MAX,
  WAITING_BYTES_MAX,
  WAITING_BYTES_PER_ADDRESS,
} from '@concord/protocol';
import type { Socket } from 'socket.io';
import { expect, it } from 'vitest';
import { Outbox } from './outbox.ts';

interface FakeConnection {
  readonly connection: Socket['conn'];
  isCut: boolean;
}

function sceneOf() {
  let now = 0;
  let cuts = 0;
  const outbox = new Outbox(createServer(), { cut: () => (cuts += 1), now: () => (now += 1_000) });
  const readers: FakeConnection[] = [];
  /** A reader for whom this many bytes wait: half of them in packets, half in its socket. */
  const add = (address: string, bytes: number): FakeConnection => {
    const connection = Object.assign(new EventEmitter(), {
      writeBuffer: [
        { data: 'x'.repeat(16) },
        { data: '', options: { wsPreEncodedFrame: [Buffer.alloc(2), { length: bytes / 2 - 16 }] } },
      ],
      transport: { name: 'websocket', socket: { _socket: { writableLength: bytes / 2 } } },
      close: () => {
        reader.isCut = true;
        connection.emit('close');
      },
    });
    const reader: FakeConnection = {
      connection: connection as unknown as Socket['conn'],
      isCut: false,
    };
    readers.push(reader);
    outbox.add(reader.connection, address);
    return reader;
  };
  return { outbox, add, readers, cuts: () => cuts };
}

const MB = 1024 * 1024;

it('disconnects a reader when packets and socket buffer together exceed its bound', () => {
  const { outbox, add, cuts } = sceneOf();
  const slow = add('a', OUTBOX_BYTES_MAX + 64);
  const quick = add('a', OUTBOX_BYTES_MAX - 64);
  outbox.cutSlowReaders();
  expect([slow.isCut, quick.isCut, cuts()]).toEqual([true, false, 1]);
});

it('reports an address as full, without affecting other addresses', () => {
  const { outbox, add } = sceneOf();
  for (let each = 0; each < 8; each++) add('crowd', WAITING_BYTES_PER_ADDRESS / 8);
  add('other', 1_000);
  expect([outbox.isFull('crowd'), outbox.isFull('other'), outbox.isFull('new')]).toEqual([
    true,
    false,
    false,
  ]);
});

it('bounds the bytes queued for all readers, and disconnects those of the address with most', () => {
  const { outbox, add, readers } = sceneOf();
  const other = add('other', 4 * MB - 64);
  for (let each = 0; each < 30; each++) add('crowd', 3 * MB);
  expect(outbox.waiting).toBeGreaterThan(WAITING_BYTES_MAX);
  outbox.cutSlowReaders();
  expect(outbox.waiting).toBeLessThanOrEqual(WAITING_BYTES_MAX / 2);
  expect(other.isCut).toBe(false);
  expect(readers.some(({ isCut }) => !isCut)).toBe(true);
});

it('disconnects no reader while little is queued', () => {
  const { outbox, add, cuts } = sceneOf();
  for (let each = 0; each < 100; each++) add('crowd', 64 * 1024);
  outbox.cutSlowReaders();
  expect(cuts()).toBe(0);
});

it('disconnects a reader with too many small frames queued', () => {
  const { outbox, add, cuts } = sceneOf();
  const slow = add('a', 64);
  const { writeBuffer } = slow.connection as unknown as { writeBuffer: { data: string }[] };
  while (writeBuffer.length < OUTBOX_FRAMES_MAX) writeBuffer.push({ data: '' });
  outbox.cutSlowReaders();
  expect(cuts()).toBe(0);
  writeBuffer.push({ data: '' });
  outbox.cutSlowReaders();
  expect([slow.isCut, cuts()]).toEqual([true, 1]);
});
