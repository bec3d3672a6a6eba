/** The search index is derived data: whatever happens to its file, documents are safe and the index is rebuilt. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Store } from '../ports/store.ts';
import { batchOf, documentId, emptyDocument, recordOf } from '../test-batches.ts';
import { queryOf } from '../test-records.ts';
import { DATABASE_FILE } from './open-database.ts';
import { SEARCH_FILE } from './search-file.ts';
import { openSqliteStore } from './sqlite-store.ts';

const plan = documentId('plan');
const text = 'words of the plan '.repeat(2_000);

let directory: string;
let store: Store;
const open = async (): Promise<Store> => (store = await openSqliteStore(directory, 0));
const found = async (search: string): Promise<number> =>
  (await store.library.list(queryOf('ann', { search }))).entries.length;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'concord-search-'));
  await open();
  await store.documents.createWithText(
    emptyDocument(recordOf(plan, { createdBy: 'ann', title: 'Plan' })),
  );
  await store.log.append(batchOf(plan, 1));
  await store.search.put(plan, 1, text);
});
afterEach(async () => {
  await store.close();
  rmSync(directory, { recursive: true });
});

/** Changes a closed file of the directory by a connection that bypasses the store. */
function changeFile(file: string, statements: string): void {
  const database = new Database(join(directory, file));
  database.exec(statements);
  database.close();
}

/** Expects that the index can be refilled and searched; its first calls may fail while it is rebuilt. */
async function expectFilledAgain(): Promise<void> {
  await store.search.behind(10, null).catch(() => {});
  await found('words').catch(() => {});
  expect(await store.log.read(plan, 0, 10)).toEqual(batchOf(plan, 1).operations);
  const behind = await store.search.behind(10, null);
  for (const id of behind) await store.search.put(id, 1, text);
  expect(await found('words')).toBe(1);
  expect(await store.search.behind(10, null)).toEqual([]);
}

it.runIf(process.platform !== 'win32')('the index is readable by its owner only', () => {
  const files = readdirSync(directory).filter((file) => file.startsWith(SEARCH_FILE));
  expect(files).toContain(`${SEARCH_FILE}-wal`);
  for (const file of files) expect(statSync(join(directory, file)).mode & 0o777, file).toBe(0o600);
});

it('an existing index is reused', async () => {
  await store.close();
  await open();
  expect(await store.search.behind(10, null)).toEqual([]);
  expect(await found('words')).toBe(1);
});

it('an index whose file is missing or not a database is rebuilt', async () => {
  for (const damage of [
    () => rmSync(join(directory, SEARCH_FILE)),
    () => writeFileSync(join(directory, SEARCH_FILE), 'not a database '.repeat(1_000)),
  ]) {
    await store.close();
    damage();
    await open();
    expect(await store.search.behind(10, null)).toEqual([plan]);
    await expectFilledAgain();
  }
});

it('an index of another database or of another format is rebuilt', async () => {
  for (const change of [`history_id = 'another'`, 'format = format + 1']) {
    await store.close();
    changeFile(SEARCH_FILE, `UPDATE search_store SET ${change}`);
    await open();
    expect(await store.search.behind(10, null)).toEqual([plan]);
    await expectFilledAgain();
  }
});

it('a damaged index fails at most one search, wherever it is damaged', async () => {
  await store.close();
  const file = join(directory, SEARCH_FILE);
  const sound = readFileSync(file);
  const rounds = 8;
  let noticed = 0;
  for (let round = 0; round < rounds; round += 1) {
    const damaged = Buffer.from(sound);
    const at = Math.floor((round / rounds) * sound.length);
    damaged.fill(0xa5, at, Math.min(sound.length, at + 2_000));
    writeFileSync(file, damaged);
    rmSync(`${file}-wal`, { force: true });
    await open();
    store.listen((event) => {
      expect(event).toEqual({ type: 'derivedReset' });
      noticed += 1;
    });
    await expectFilledAgain();
    await store.close();
  }
  // In the other places the damage was detected on opening, or is in unused space.
  expect(noticed).toBeGreaterThan(0);
});

it.each([
  ['was changed', `UPDATE search_pieces SET content = 'words of another text'`],
  ['is missing', `DELETE FROM search_pieces`],
  [
    'is of another document',
    `INSERT INTO search_texts (text, document, version) VALUES (77, 2, 1);
     INSERT INTO search_pieces SELECT 77 * 65536, 'words that Ann may not read', checksum FROM search_pieces LIMIT 1;
     UPDATE search_documents SET text = 77;
     UPDATE search_words SET text = 77 WHERE word = 'words';`,
  ],
])('a passage that %s is never shown: the index is made anew', async (_what, change) => {
  await store.close();
  changeFile(SEARCH_FILE, change);
  await open();
  const events: unknown[] = [];
  store.listen((event) => events.push(event));
  await expect(store.library.list(queryOf('ann', { search: 'words' }))).rejects.toThrow(
    /made anew/,
  );
  expect(events).toEqual([{ type: 'derivedReset' }]);
  await expectFilledAgain();
});

it('a text that was indexed only partly is not found, and is removed', async () => {
  await store.close();
  changeFile(
    SEARCH_FILE,
    `INSERT INTO search_texts (text, document, version) VALUES (77, 1, 9);
     INSERT INTO search_pieces VALUES (77 * 65536, 'unfinished', 0);
     INSERT INTO search_words VALUES (77, 'unfinished', 1, 0);`,
  );
  await open();
  expect(await found('unfinished')).toBe(0);
  await store.search.behind(10, null);
  await store.close();
  const database = new Database(join(directory, SEARCH_FILE));
  const left = database.prepare('SELECT count(*) AS count FROM search_words WHERE text = 77');
  expect(left.get([])).toMatchObject({ count: 0 });
  database.close();
  await open();
  expect(await found('words')).toBe(1);
});

it('a deleted document leaves no words in the index, even after a crash before their removal', async () => {
  await store.documents.remove(plan);
  const countOf = (table: string): unknown => {
    const database = new Database(join(directory, SEARCH_FILE));
    const row = database.prepare(`SELECT count(*) AS count FROM ${table}`).get([]);
    database.close();
    return (row as { count: unknown }).count;
  };
  await store.close();
  for (const table of ['search_words', 'search_pieces', 'search_texts']) {
    expect(countOf(table)).toBe(0);
  }
  changeFile(
    SEARCH_FILE,
    `INSERT INTO search_texts (text, document, version) VALUES (5, 1, 1);
     INSERT INTO search_documents VALUES (1, 5, 1, 1);
     INSERT INTO search_words VALUES (5, 'left', 1, 0);`,
  );
  await open();
  await store.search.behind(10, null);
  await store.close();
  expect(countOf('search_words')).toBe(0);
  await open();
});

it('the former index inside the database is dropped, even if it is damaged', async () => {
  await store.close();
  changeFile(
    DATABASE_FILE,
    `CREATE VIRTUAL TABLE search USING fts5 (title, body);
     CREATE TABLE indexed_texts (document INTEGER PRIMARY KEY, version INTEGER NOT NULL) STRICT;
     INSERT INTO search (rowid, title, body) VALUES (1, 'Plan', 'words');`,
  );
  await open();
  await store.close();
  const formerTables = (): readonly unknown[] => {
    const database = new Database(join(directory, DATABASE_FILE));
    const named = database.prepare(`SELECT name FROM sqlite_schema WHERE name LIKE 'search%'`);
    const rows = named.all([]);
    database.close();
    return rows;
  };
  expect(formerTables()).toEqual([]);
  // Without this table FTS5 can neither read the index nor drop it.
  changeFile(
    DATABASE_FILE,
    'CREATE VIRTUAL TABLE search USING fts5 (title, body); DROP TABLE search_config;',
  );
  await open();
  await store.close();
  expect(formerTables()).toEqual([]);
  await open();
  await expectFilledAgain();
});
