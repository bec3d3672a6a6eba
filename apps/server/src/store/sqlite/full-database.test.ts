/** A database that finds no space in the middle of a transaction: SQLITE_FULL, provoked by a limit on its pages. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { batchOf, documentId, recordOf } from '../test-batches.ts';
import { encodeBatch } from './batch-codec.ts';
import { openMemoryDatabase, type OpenedDatabase } from './open-database.ts';
import { SqliteDatabase } from './sqlite-database.ts';

const [plan, notes] = [documentId('plan'), documentId('notes')];
let opened: OpenedDatabase;
let database: SqliteDatabase;
let now = 0;
beforeEach(() => {
  opened = openMemoryDatabase();
  const size = () => ({ total: Infinity, free: Infinity });
  const space = { reserveBytes: null, size, now: () => now };
  database = new SqliteDatabase(opened, { isOnlyWriter: true, space });
});
afterEach(() => database.close());

const long = (first: number): string => encodeBatch(batchOf(plan, first, 2_000));
const head = (id = plan): unknown =>
  database.read([{ table: 'log', method: 'headVersion', given: [id] }])[0];
const limitPages = (pages: number): void => {
  opened.connection.pragma(`max_page_count = ${pages}`);
};

it('undoes the whole group, pauses saving, and goes on at the same version when there is space', () => {
  const given = [recordOf(plan), 'off', null, ''];
  database.write([{ table: 'documents', method: 'createWithText', given, needsRoom: true }]);
  expect(database.write([encodeBatch(batchOf(plan, 1))])).toEqual([]);
  limitPages(1);
  const outcomes = database.write([
    encodeBatch(batchOf(notes, 1)),
    encodeBatch(batchOf(plan, 2)),
    long(3),
    { table: 'documents', method: 'setTrashed', given: [plan, 5], needsRoom: false },
  ]);
  expect(outcomes.map(({ place, outcome }) => [place, 'failure' in outcome && outcome.failure.kind])).toEqual([0, 1, 2, 3].map((place) => [place, 'full'])); // prettier-ignore
  expect(database.room().isPaused).toBe(true);
  expect([head(), head(notes)]).toEqual([{ value: 1 }, { value: 0 }]);

  limitPages(1_000_000);
  now += 60_000;
  expect(database.write([long(2), encodeBatch(batchOf(notes, 1))])).toEqual([]);
  expect(database.room().isPaused).toBe(false);
  expect([head(), head(notes)]).toEqual([{ value: 2_001 }, { value: 1 }]);
});

it('undoes a request in a savepoint that found no space, with its whole group', () => {
  const long = 'x'.repeat(1_000_000);
  const call = { table: 'documents', method: 'setName', given: ['ann', long] } as const;
  const setName = { ...call, needsRoom: true };
  limitPages(1);
  expect(database.write([setName])).toMatchObject([{ outcome: { failure: { kind: 'full' } } }]);
  limitPages(1_000_000);
  now += 60_000;
  expect(database.write([setName])).toEqual([]);
});
