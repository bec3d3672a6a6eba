/** Searches and the upkeep of their index have a file and a thread of their own: no commit holds them up. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Store } from '../ports/store.ts';
import { batchOf, documentId, emptyDocument, recordOf } from '../test-batches.ts';
import { queryOf } from '../test-records.ts';
import { DATABASE_FILE } from './open-database.ts';
import { openSqliteStore } from './sqlite-store.ts';

const plan = documentId('plan');

let directory: string;
let store: Store;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'concord-searching-'));
  store = await openSqliteStore(directory, 0);
  await store.documents.createWithText(emptyDocument(recordOf(plan, { createdBy: 'ann' })));
  await store.log.append(batchOf(plan, 1));
  await store.search.put(plan, 1, 'words');
});
afterEach(async () => {
  await store.close();
  rmSync(directory, { recursive: true });
});

/** Nothing can be written to the database until the returned function is called. */
function held(): () => void {
  const other = new Database(join(directory, DATABASE_FILE));
  other.exec('BEGIN IMMEDIATE');
  return () => {
    other.exec('COMMIT');
    other.close();
  };
}

const found = async (search: string): Promise<number> =>
  (await store.library.list(queryOf('ann', { search }))).entries.length;

it('a text is indexed and found while a commit is held up', async () => {
  const release = held();
  const settled: string[] = [];
  const append = store.log.append(batchOf(plan, 2)).finally(() => settled.push('append'));
  await store.search.put(plan, 2, 'others');
  expect(await found('others')).toBe(1);
  expect(settled).toEqual([]);
  release();
  await append;
});
