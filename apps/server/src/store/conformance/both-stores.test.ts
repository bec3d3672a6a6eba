/** The parts of the contract in parts.ts, for the stores that need no server. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { MemoryDisk, openMemoryStore } from '../memory/memory-store.ts';
import { openSqliteStore } from '../sqlite/sqlite-store.ts';
import { describeParts } from './parts.ts';

const root = mkdtempSync(join(tmpdir(), 'concord-store-'));
afterAll(() => rmSync(root, { recursive: true }));

describeParts('the SQLite store', (place) => openSqliteStore(join(root, place)));

/** What is on a disk outlives the store. */
const disks = new Map<string, MemoryDisk>();
describeParts('the memory store', (place) => {
  const disk = disks.get(place) ?? new MemoryDisk();
  disks.set(place, disk);
  return Promise.resolve(openMemoryStore(disk));
});
