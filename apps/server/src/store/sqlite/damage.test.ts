/** What is damaged harms nothing beside it: the server goes on, and says what it cannot give. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CorruptionError, type Store, type StoreEvent } from '../store.ts';
import { batchOf, documentId, recordOf } from '../test-batches.ts';
import { openSqliteStore } from './sqlite-store.ts';
import { pagesOf, zeroPage } from './test-damage.ts';

const plan = documentId('plan');
const DOCUMENTS = 300;
const documents = Array.from({ length: DOCUMENTS }, (_, i) => documentId(`doc-${i}-`));

let directory: string;
let opened: Store[] = [];
let events: StoreEvent[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'concord-damage-'));
});
afterEach(async () => {
  await Promise.all(opened.map((store) => store.close()));
  opened = [];
  rmSync(directory, { recursive: true });
});

async function open(): Promise<Store> {
  const store = await openSqliteStore(directory, 0);
  events = [];
  store.listen((event) => events.push(event));
  opened.push(store);
  return store;
}

/** A store with so many documents, names and texts that each table has several pages. */
async function filled(): Promise<void> {
  const store = await open();
  await Promise.all(documents.map((id) => store.documents.create(recordOf(id), 'off')));
  await Promise.all(documents.map((id) => store.log.append(batchOf(id, 1, 3))));
  await Promise.all(documents.map((id, i) => store.people.setName(`user-${i}`, `Name of user ${i} `.repeat(4)))); // prettier-ignore
  await Promise.all(
    documents.map((id, i) => store.search.put(id, 3, `some words of text ${i} `.repeat(20))),
  );
  await store.close();
}

const pageOf = (owner: string, type: string, place = 0): number => {
  const found = pagesOf(directory).filter((each) => each.owner === owner && each.type === type);
  expect(found.length).toBeGreaterThan(place);
  return found[place]?.page ?? 0;
};

const searching = (search: string) => ({
  ...{ userId: 'ann', view: 'all' as const, folder: null, search, limit: 5, cursor: null, now: 0 },
});

describe('a search index that is damaged while the server runs', () => {
  it.each(['search_data', 'search_content', 'search_docsize', 'indexed_texts'])(
    'is emptied and told of, whatever of it is damaged: %s',
    async (table) => {
      await filled();
      const root = pagesOf(directory).find((each) => each.owner === table)?.page ?? 0;
      const store = await open();
      zeroPage(directory, root);
      // Both are one group: neither a new document nor an edit is kept up by the index.
      await Promise.all([
        store.documents.create(recordOf(plan), 'off'),
        store.search.put(documents[7] ?? plan, 3, 'some other words'),
        store.log.append(batchOf(plan, 1, 3)),
      ]);
      expect(await store.log.headVersion(plan)).toBe(3);
      const again = await store.library.list(searching('words'));
      expect(again.nextCursor).toBeNull();
      expect(events).toEqual([{ type: 'derivedReset' }]);
      // What was not put back is to be indexed.
      expect((await store.search.behind(1_000)).length).toBeGreaterThanOrEqual(DOCUMENTS - 1);
      expect(await store.documents.get(plan)).not.toBeNull();
    },
  );

  it('is emptied when a search meets the damage', async () => {
    await filled();
    const root = pageOf('search_data', 'internal');
    const store = await open();
    zeroPage(directory, root);
    expect(await store.library.list(searching('words'))).toEqual({ entries: [], nextCursor: null });
    expect(events).toEqual([{ type: 'derivedReset' }]);
  });
});

describe('a damaged page', () => {
  it('fails the writes that meet it, and none of those beside them', async () => {
    await filled();
    const leaf = pageOf('people', 'leaf', 1);
    const store = await open();
    zeroPage(directory, leaf);
    const names = documents.map((_, i) => store.people.setName(`user-${i}`, 'another'));
    const batch = store.log.append(batchOf(plan, 1, 3));
    const outcomes = await Promise.allSettled(names);
    await batch;
    const failed = outcomes.filter((each) => each.status === 'rejected');
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.length).toBeLessThan(DOCUMENTS);
    for (const { reason } of failed) expect(reason).toBeInstanceOf(CorruptionError);
    expect(await store.log.headVersion(plan)).toBe(3);
    // The database is as good as before: the next write is taken.
    await store.log.append(batchOf(plan, 4, 3));
    expect(events.filter(({ type }) => type === 'failed')).toEqual([]);
  });
});
