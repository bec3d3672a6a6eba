/** Whatever a store holds goes into any other and is the same there; nothing of a store is left out by oversight. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MemoryDisk, openMemoryStore } from '../memory/memory-store.ts';
import { memorySource, memoryTarget } from '../memory/transfer.ts';
import type { Store } from '../ports/store.ts';
import { sectionNames, type TransferSource } from '../ports/transfer-store.ts';
import { openReadingDatabase } from '../sqlite/open-database.ts';
import { openSqliteStore } from '../sqlite/sqlite-store.ts';
import { BuildingDatabase } from '../sqlite/transfer/building-database.ts';
import { sqliteSource } from '../sqlite/transfer/sqlite-source.ts';
import { copyStore, differences, type TransferPlace } from './copy.ts';
import { contentOf, inBatches } from './test-content.ts';
import { fillStore, filledDocument } from './test-filled-store.ts';

const filling = { documents: 6, batches: 5, people: 9, word: 'wörd "1"' };

let root: string;
/** Of one test. */
let other: string;
let store: Store;
let source: TransferSource;
let close: () => void;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'concord-transfer-'));
  const data = join(root, 'data');
  store = await openSqliteStore(data, 0);
  await fillStore(store, filling);
  const reading = openReadingDatabase(data);
  source = sqliteSource(reading.connection, reading.historyId);
  close = () => reading.close();
});
afterAll(async () => {
  close();
  await store.close();
  rmSync(root, { recursive: true });
});
beforeEach(() => {
  other = mkdtempSync(join(root, 'other-'));
});
afterEach(() => rmSync(other, { recursive: true }));

describe('a transfer', () => {
  it('of a filled store has records in every section', async () => {
    const content = await contentOf(source);
    expect(sectionNames.filter((section) => content[section].length === 0)).toEqual([]);
    expect(content.removedDocuments).toHaveLength(1);
    expect(content.documents).toHaveLength(filling.documents);
  });

  it('of files into other files is the same record by record, and a whole store', async () => {
    const building = new BuildingDatabase(other);
    await copyStore(source, { write: async (...page) => building.write(...page) });
    const found = [];
    for await (const difference of differences(source, building.source())) found.push(difference);
    expect(found).toEqual([]);
    building.complete('the history');
    building.close();
    const copied = await openSqliteStore(other, 0);
    expect(copied.historyId).toBe('the history');
    const id = filledDocument(2);
    expect(await copied.log.read(id, 0, 100)).toEqual(await store.log.read(id, 0, 100));
    expect(await copied.log.epochs(id)).toEqual(await store.log.epochs(id));
    expect(await copied.checkpoints.latest(id)).toEqual(await store.checkpoints.latest(id));
    expect(await copied.access.get(id)).toEqual(await store.access.get(id));
    await copied.close();
  });

  it('into memory and back is the same, but for where its batches begin', async () => {
    const disk = new MemoryDisk();
    await copyStore(source, memoryTarget(disk.state));
    const back = new BuildingDatabase(other);
    await copyStore(memorySource(disk.state), { write: async (...page) => back.write(...page) });
    expect(inBatches(await contentOf(back.source()))).toEqual(inBatches(await contentOf(source)));
    back.close();
    const memory = openMemoryStore(disk);
    expect(await memory.log.headVersion(filledDocument(1))).toBe(await store.log.headVersion(filledDocument(1))); // prettier-ignore
    await memory.close();
  });

  it('that goes on wherever it was interrupted comes to the same', async () => {
    const building = new BuildingDatabase(other);
    const target = { write: async (...page: Parameters<typeof building.write>) => building.write(...page) }; // prettier-ignore
    let place: TransferPlace | null = null;
    let pages = 0;
    for (let attempt = 0; attempt < 200; attempt += 1) {
      const from: TransferPlace | null = place;
      try {
        await copyStore(source, target, {
          from,
          reached: async (reached) => {
            // Every second page is written, but not noted: it is written again.
            pages += 1;
            if (pages % 2 === 0) throw new Error('killed');
            place = reached;
          },
        });
        break;
      } catch (error) {
        expect(error).toMatchObject({ message: 'killed' });
      }
    }
    expect(pages).toBeGreaterThan(sectionNames.length);
    const found = [];
    for await (const difference of differences(source, building.source())) found.push(difference);
    expect(found).toEqual([]);
    building.close();
  });

  it('names each record that is missing, additional or different', async () => {
    const building = new BuildingDatabase(other);
    await copyStore(source, { write: async (...page) => building.write(...page) });
    await store.people.setName('somebody', 'New');
    await store.documents.rename(filledDocument(0), { title: 'Other', base: null, renameId: null }, 99); // prettier-ignore
    await store.documents.remove(filledDocument(1));
    const found = [];
    for await (const difference of differences(source, building.source())) found.push(difference);
    expect(found).toContainEqual({ section: 'people', key: ['somebody'], kind: 'missing' });
    expect(found).toContainEqual({ section: 'documents', key: [filledDocument(0)], kind: 'different' }); // prettier-ignore
    expect(found).toContainEqual({ section: 'documents', key: [filledDocument(1)], kind: 'additional' }); // prettier-ignore
    building.close();
  });
});
