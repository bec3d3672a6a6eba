/** What is damaged harms nothing beside it: the server goes on, and says what it cannot give. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CorruptionError, type Store, type StoreEvent } from '../ports/store.ts';
import { batchOf, documentId, emptyDocument, recordOf } from '../test-batches.ts';
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

/** A store with so many documents and names that each table has several pages. */
async function filled(): Promise<void> {
  const store = await open();
  await Promise.all(
    documents.map((id) => store.documents.createWithText(emptyDocument(recordOf(id)))),
  );
  await Promise.all(documents.map((id) => store.log.append(batchOf(id, 1, 3))));
  await Promise.all(documents.map((id, i) => store.people.setName(`user-${i}`, `Name of user ${i} `.repeat(4)))); // prettier-ignore
  await store.close();
}

const pageOf = (owner: string, type: string, place = 0): number => {
  const found = pagesOf(directory).filter((each) => each.owner === owner && each.type === type);
  expect(found.length).toBeGreaterThan(place);
  return found[place]?.page ?? 0;
};

describe('a damaged page', () => {
  it('fails only the writes that access it', async () => {
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
