/** Stores to move, for the tests of migrations. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { openStore } from '../../store/open-store.ts';
import type { Store } from '../../store/ports/store.ts';
import { openReadingDatabase } from '../../store/sqlite/open-database.ts';
import { openSqliteStore } from '../../store/sqlite/sqlite-store.ts';
import { sqliteSource } from '../../store/sqlite/transfer/sqlite-source.ts';
import { differences } from '../../store/transfer/copy.ts';
import { fillSoundStore } from '../../store/transfer/test-filled-store.ts';
import { migrate } from './migrate.ts';
import type { Place } from './places.ts';

export const DOCUMENTS = 5;
const filling = { documents: DOCUMENTS, batches: 4, people: 6, word: 'wörd' };

export interface MigrationScene {
  /** A data directory with something in every section. Each test begins with it as one that servers use. */
  readonly data: string;
  readonly historyId: string;
  /** A data directory of each test, which does not exist yet, in a directory that does. */
  readonly other: string;
}

/** Of the describe, or the file, that calls it. */
export function migrationScene(): MigrationScene {
  const scene = { data: '', historyId: '', other: '' };
  let root: string;
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'concord-migrate-'));
    scene.data = join(root, 'data');
    const store = await openSqliteStore(scene.data, 0);
    scene.historyId = store.historyId;
    await fillSoundStore(store, filling);
    await store.close();
  });
  afterAll(() => rmSync(root, { recursive: true }));
  beforeEach(() => {
    scene.other = join(mkdtempSync(join(root, 'other-')), 'data');
  });
  afterEach(() => {
    rmSync(join(scene.other, '..'), { recursive: true });
    rmSync(join(scene.data, 'moved'), { force: true });
  });
  return scene;
}

export const files = (directory: string): Place => ({ kind: 'files', directory });
export const move = (from: Place, to: Place): ReturnType<typeof migrate> =>
  migrate({ from, to, progress: () => {}, warn: () => {} });

/** Opened as a server does. */
export const served = (dataDirectory: string, databaseUrl: string | null = null): Promise<Store> =>
  openStore({ dataDirectory, databaseUrl, diskReserveBytes: 0 }, () => {});

/** Sections whose records differ between two directories. */
export async function differing(one: string, another: string): Promise<readonly string[]> {
  const [expected, found] = [openReadingDatabase(one), openReadingDatabase(another)];
  const sections: string[] = [];
  for await (const { section } of differences(
    sqliteSource(expected.connection, ''),
    sqliteSource(found.connection, ''),
  )) {
    sections.push(section);
  }
  expected.close();
  found.close();
  return sections;
}
