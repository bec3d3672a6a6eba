/** The contract of a full disk, for both stores. The SQLite store reopens with a reserve that no disk has. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, vi } from 'vitest';
import { MemoryDisk, openMemoryStore } from '../memory/memory-store.ts';
import { openSqliteStore } from '../sqlite/sqlite-store.ts';
import type { Store } from '../ports/store.ts';
import { describeRoom } from './room.ts';

const root = mkdtempSync(join(tmpdir(), 'concord-room-'));
afterAll(() => rmSync(root, { recursive: true }));
const LOG_BYTES = 64 * 1024;
let places = 0;

describe('the SQLite store', () => {
  let place: string;
  let store: Store;
  const reopen = async (reserveBytes: number): Promise<void> => {
    await store.close();
    store = await openSqliteStore(place, LOG_BYTES, reserveBytes);
  };
  beforeEach(async () => {
    place = join(root, `place-${++places}`);
    store = await openSqliteStore(place, LOG_BYTES, 0);
  });
  afterEach(() => store.close());
  describeRoom({
    get store() {
      return store;
    },
    setFull: async (isFull) => {
      await reopen(isFull ? Number.MAX_SAFE_INTEGER : 0);
      await vi.waitFor(() => expect(store.room.current()).toMatchObject({ isPaused: isFull }), { timeout: 20_000 }); // prettier-ignore
    },
  });
});

describe('the memory store', () => {
  let disk: MemoryDisk;
  let store: Store;
  beforeEach(() => {
    disk = new MemoryDisk();
    store = openMemoryStore(disk);
  });
  afterEach(() => store.close());
  describeRoom({
    get store() {
      return store;
    },
    setFull: async (isFull) => disk.setFull(isFull),
  });
});
