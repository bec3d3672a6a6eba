/** What `concord verify` finds in all tables and in the search index, beside the documents: one fault of each kind. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { batchOf, documentId, emptyDocument, recordOf } from '../test-batches.ts';
import { DATABASE_FILE } from './open-database.ts';
import { SEARCH_FILE } from './search-file.ts';
import { openSqliteStore } from './sqlite-store.ts';
import { removeDamagedSearchFile } from './verify-search.ts';
import { tableFaults } from './verify-tables.ts';

let directory: string;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'concord-verify-'));
  const plan = documentId('plan');
  const store = await openSqliteStore(directory, 0);
  await store.documents.createWithText(emptyDocument(recordOf(plan)));
  await store.log.append(batchOf(plan, 1));
  await store.search.put(plan, 1, 'words of the plan');
  await store.close();
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Changes a file of the closed store behind its back. */
function change(file: string, statements: string): void {
  const database = new Database(join(directory, file));
  database.exec(statements);
  database.close();
}

it('nothing is found in what the store wrote', () => {
  expect(tableFaults(directory)).toEqual([]);
  expect(removeDamagedSearchFile(directory)).toBe(false);
  expect(existsSync(join(directory, SEARCH_FILE))).toBe(true);
});

it('a row that its table would not have taken is found', () => {
  change(
    DATABASE_FILE,
    'PRAGMA ignore_check_constraints = ON; INSERT INTO retention_time VALUES (2, 0, 0);',
  );
  expect(tableFaults(directory)).toEqual([
    expect.stringMatching(/^SQLite: .*retention_time\.$/) as unknown,
  ]);
});

it('a right to a document that does not exist is found', () => {
  change(DATABASE_FILE, `INSERT INTO grants VALUES (77, 'eve', 'owner');`);
  expect(tableFaults(directory)).toEqual(['1 rows of grants are of documents that do not exist.']);
});

it.each([
  ['a piece is not what was indexed', `UPDATE search_pieces SET content = 'other words'`],
  ['a piece is missing', 'DELETE FROM search_pieces'],
  ['a word is missing', `DELETE FROM search_words WHERE word = 'plan'`],
  ['a word is counted wrongly', 'UPDATE search_words SET count = count + 1'],
  ['a table is missing', 'DROP TABLE search_words'],
])('a search index in which %s is removed, to be made anew', (_what, damage) => {
  change(SEARCH_FILE, damage);
  expect(removeDamagedSearchFile(directory)).toBe(true);
  expect(existsSync(join(directory, SEARCH_FILE))).toBe(false);
});
