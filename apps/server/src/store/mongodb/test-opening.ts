/** How a database is opened, and what an administrator is told when it cannot be. */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { batchOf, emptyDocument, recordOf } from '../test-batches.ts';
import { plan } from '../conformance/scene.ts';
import { openMongoStore } from './mongo-store.ts';
import type { LeaseRow, MetaRow } from './collections.ts';
import { plans, SCHEMA_VERSION } from './schema.ts';
import { urlOf, type TestPlaces } from './test-database.ts';

/** A port of this machine on which no server listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

export function describeOpening({ open, db }: TestPlaces): void {
  describe('opening', () => {
    it('by several servers at once makes every collection and index once', async () => {
      const name = `concord-test-${randomUUID().slice(0, 8)}-many`;
      const stores = await Promise.all([1, 2, 3].map(() => openMongoStore(urlOf(name))));
      const [first] = stores;
      expect(new Set(stores.map(({ historyId }) => historyId)).size).toBe(1);
      await first?.documents.createWithText(emptyDocument(recordOf(plan)));
      const database = db('opening').client.db(name);
      for (const [collection, { indexes }] of Object.entries(plans)) {
        const found = await database.collection(collection).indexes();
        expect(found, collection).toHaveLength(indexes.length + 1);
      }
      await Promise.all(stores.map((store) => store.close()));
      await database.dropDatabase();
    });

    it('makes an index again that is missing', async () => {
      await (await open('missing')).close();
      await db('missing').collection('batches').dropIndex('documentId_1_firstVersion_1');
      const store = await open('missing');
      await store.log.append(batchOf(plan, 1));
      const names = (await db('missing').collection('batches').indexes()).map(({ name }) => name);
      expect(names).toContain('documentId_1_firstVersion_1');
      await store.close();
    });

    it('refuses a database of a newer version, and does not change it', async () => {
      await (await open('newer')).close();
      const meta = db('newer').collection<{ _id: string }>('meta');
      await meta.updateOne({ _id: 'schema' }, { $set: { version: SCHEMA_VERSION + 1 } });
      const refused = open('newer');
      await expect(refused).rejects.toMatchObject({ code: 'databaseNewer' });
      await expect(refused).rejects.toThrow(/newer version of Concord/);
      await meta.updateOne({ _id: 'schema' }, { $set: { version: SCHEMA_VERSION } });
    });

    it('waits for the schema lock of a server that has not finished, and takes it when its lease has run out', async () => {
      await (await open('lock')).close();
      const meta = db('lock').collection<MetaRow>('meta');
      // As a server leaves it that was killed while it changed the schema.
      await meta.updateOne({ _id: 'schema' }, { $set: { version: SCHEMA_VERSION - 1 } });
      const held = (ms: number) => [
        { $set: { holder: 'dead', until: { $add: [{ $toLong: '$$NOW' }, ms] } } },
      ];
      await meta.updateOne({ _id: 'schemaLock' }, held(600_000));
      let isOpen = false;
      const opening = open('lock').then((store) => {
        isOpen = true;
        return store;
      });
      await pause(500);
      expect(isOpen).toBe(false);
      expect((await meta.findOne({ _id: 'schema' }))?.version).toBe(SCHEMA_VERSION - 1);
      await meta.updateOne({ _id: 'schemaLock' }, held(-1));
      await (await opening).close();
      expect((await meta.findOne({ _id: 'schema' }))?.version).toBe(SCHEMA_VERSION);
      expect(await meta.findOne({ _id: 'schemaLock' })).toMatchObject({ holder: '', until: 0 });
    });

    it('lets the database delete what is gone by its time, and nothing else', async () => {
      const store = await open('expiry');
      await store.cluster?.endLease('a#1', false);
      await store.cluster?.endLease('b#1', false);
      const leases = db('expiry').collection<LeaseRow>('leases');
      await leases.updateOne({ _id: 'a#1' }, { $set: { goneAt: new Date(Date.now() - 60_000) } });
      while ((await leases.findOne({ _id: 'a#1' })) !== null) await pause(200);
      expect(await store.cluster?.leases()).toMatchObject({ ended: ['b#1'] });
      await store.close();
    });

    it('finishes a purge that a crash interrupted', async () => {
      const store = await open('purge');
      await store.documents.createWithText(emptyDocument(recordOf(plan)));
      await store.log.append(batchOf(plan, 1));
      const batches = db('purge').collection('batches');
      const [logged] = await batches.find({ documentId: plan }).toArray();
      await store.documents.remove(plan);
      await store.close();
      await batches.insertOne(logged ?? {});
      await batches.updateOne({ documentId: plan, isRemoved: true }, { $set: { isPurging: true } });
      await (await open('purge')).close();
      expect(await batches.countDocuments({ documentId: plan, isRemoved: false })).toBe(0);
      expect(await batches.countDocuments({ documentId: plan, isPurging: true })).toBe(0);
    });

    it('says that no server answers, and nothing of the password', async () => {
      const address = `127.0.0.1:${await closedPort()}`;
      const refused = openMongoStore(`mongodb://ann:s3cret@${address}/concord`);
      await expect(refused).rejects.toMatchObject({ code: 'databaseUnreachable' });
      const error = await refused.catch((reason: unknown) => reason);
      const told = `${String(error)} ${JSON.stringify(error)} ${String((error as Error).cause)}`;
      expect(told).toContain(address);
      expect(told).not.toContain('s3cret');
    });
  });
}
