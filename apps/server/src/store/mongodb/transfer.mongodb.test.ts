/** A MongoDB database is filled by a transfer, and read for one, over a real connection. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../ports/store.ts';
import { sectionNames, type TransferSource } from '../ports/transfer-store.ts';
import { openReadingDatabase } from '../sqlite/open-database.ts';
import { openSqliteStore } from '../sqlite/sqlite-store.ts';
import { sqliteSource } from '../sqlite/transfer/sqlite-source.ts';
import { copyStore, differences, type Difference, type TransferPlace } from '../transfer/copy.ts';
import { fillStore, filledDocument } from '../transfer/test-filled-store.ts';
import { openMongoStore } from './mongo-store.ts';
import { plans } from './schema.ts';
import { testServerUrl, urlOf } from './test-database.ts';
import { openBuildingCollections } from './transfer/building-collections.ts';
import { openMongoSource } from './transfer/open-source.ts';
import { decisions } from './transfer/transfer-rows.ts';

const filling = { documents: 6, batches: 5, people: 9, word: 'wörd "1"' };
const options = { origin: 'files', isResumable: true, warn: () => {} };

async function all(found: AsyncIterable<Difference>): Promise<readonly Difference[]> {
  const list: Difference[] = [];
  for await (const difference of found) list.push(difference);
  return list;
}

it('each section is of one collection, and each collection is one of sections or says why not', () => {
  const carried = Object.values(decisions).flatMap((decision) =>
    typeof decision === 'string' ? [] : decision,
  );
  expect([...carried].sort()).toEqual([...sectionNames].sort());
  expect(Object.keys(decisions).sort()).toEqual(Object.keys(plans).sort());
});

describe.skipIf(testServerUrl === null)('a transfer to and from MongoDB', () => {
  let root: string;
  let store: Store;
  let source: TransferSource;
  let close: () => void;
  let client: MongoClient;
  const name = `concord-transfer-${process.pid}`;
  const url = urlOf(name);

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'concord-transfer-'));
    const data = join(root, 'data');
    store = await openSqliteStore(data, 0);
    await fillStore(store, filling);
    const reading = openReadingDatabase(data);
    source = sqliteSource(reading.connection, reading.historyId);
    close = () => reading.close();
    client = new MongoClient(testServerUrl ?? '');
  });
  afterAll(async () => {
    close();
    await store.close();
    await client.db(name).dropDatabase();
    await client.close();
    rmSync(root, { recursive: true });
  });

  it('is refused to servers until it is complete, goes on after interruptions, and is the same in the end', async () => {
    let place: string | null = null;
    let interruptions = 0;
    for (let isDone = false; !isDone;) {
      const target = await openBuildingCollections(url, options);
      expect(target.place).toBe(place);
      await expect(openMongoStore(url)).rejects.toMatchObject({ code: 'databaseIncomplete' });
      const from = place === null ? null : (JSON.parse(place) as TransferPlace);
      let pages = 0;
      try {
        await copyStore(source, target, {
          from,
          reached: async (reached) => {
            pages += 1;
            // The last page was written, and was not noted.
            if (pages === 8) throw new Error('killed');
            place = JSON.stringify(reached);
            await target.reached(place);
          },
        });
        isDone = true;
        expect(await all(differences(source, target.source()))).toEqual([]);
        await target.complete(source.historyId);
      } catch (error) {
        expect(error).toMatchObject({ message: 'killed' });
        interruptions += 1;
      } finally {
        await target.close();
      }
    }
    expect(interruptions).toBeGreaterThan(1);
    const moved = await openMongoStore(url);
    expect(moved.historyId).toBe(store.historyId);
    const id = filledDocument(2);
    expect(await moved.log.read(id, 0, 100)).toEqual(await store.log.read(id, 0, 100));
    expect(await moved.checkpoints.latest(id)).toMatchObject({ version: await store.log.headVersion(id) }); // prettier-ignore
    expect(await moved.log.epochs(id)).toEqual(await store.log.epochs(id));
    expect(await moved.log.positionOf(id, 'ben'.padEnd(22, '0') as never, 'author-of-ben')).toEqual(
      await store.log.positionOf(id, 'ben'.padEnd(22, '0') as never, 'author-of-ben'),
    );
    expect(await moved.access.get(id)).toEqual(await store.access.get(id));
    await moved.close();
  });

  it('into a database that is not empty, or that another transfer fills, is refused and changes nothing', async () => {
    await expect(openBuildingCollections(url, options)).rejects.toMatchObject({ code: 'databaseNotEmpty' }); // prettier-ignore
    const other = `${name}-other`;
    const begun = await openBuildingCollections(urlOf(other), options);
    await begun.write('people', [{ userId: 'ann', name: 'Ann' }]);
    await begun.close();
    const another = { ...options, origin: 'other files' };
    await expect(openBuildingCollections(urlOf(other), another)).rejects.toMatchObject({ code: 'databaseIncomplete' }); // prettier-ignore
    const again = await openBuildingCollections(urlOf(other), { ...options, isResumable: false });
    expect(await client.db(other).collection('people').countDocuments()).toBe(0);
    await again.abandon();
    await again.close();
    const free = await openMongoStore(urlOf(other));
    await free.close();
    await client.db(other).dropDatabase();
  });

  it('out of a database is what went into it, read as one snapshot or not', async () => {
    for (const isSnapshot of [true, false]) {
      const out = await openMongoSource(url, { isSnapshot, warn: () => {} });
      expect(out.source.historyId).toBe(store.historyId);
      expect(await all(differences(source, out.source))).toEqual([]);
      await out.close();
    }
  });
});
