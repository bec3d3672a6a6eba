/** Moving to MongoDB and back, and archives that go from one store to the other, over a real connection. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openMongoStore } from '../../store/mongodb/mongo-store.ts';
import { testServerUrl, urlOf } from '../../store/mongodb/test-database.ts';
import { openMongoSource } from '../../store/mongodb/transfer/open-source.ts';
import { openRowChecks } from '../../store/mongodb/verify-rows.ts';
import { contentOf } from '../../store/transfer/test-content.ts';
import { filledDocument } from '../../store/transfer/test-filled-store.ts';
import { backUp } from '../backup/back-up.ts';
import { BackupError } from '../backup/backup-format.ts';
import { restoreDatabase } from '../backup/restore-database.ts';
import { restore } from '../backup/restore.ts';
import { verifyDatabase } from '../verify/verify-database.ts';
import { differing, DOCUMENTS, files, migrationScene, move, served } from './test-migration.ts';

describe.skipIf(testServerUrl === null)('with MongoDB', () => {
  const scene = migrationScene();
  const name = `concord-migrate-${process.pid}`;
  const url = urlOf(name);
  const second = urlOf(`${name}-second`);
  let client: MongoClient;
  beforeAll(async () => {
    client = new MongoClient(testServerUrl ?? '');
    await move(files(scene.data), { kind: 'database', url });
  });
  afterAll(async () => {
    for (const each of [name, `${name}-second`]) await client.db(each).dropDatabase();
    await client.close();
  });

  it('everything goes there and back unchanged, with the same history', async () => {
    const there = await openMongoSource(url, { isSnapshot: false, warn: () => {} });
    expect(there.source.historyId).toBe(scene.historyId);
    expect((await contentOf(there.source)).documents).toHaveLength(DOCUMENTS);
    await there.close();
    await move({ kind: 'database', url }, files(scene.other));
    expect(await differing(scene.data, scene.other)).toEqual([]);
    const control = join(scene.other, '..', 'control');
    const refused = served(control, url);
    await expect(refused).rejects.toMatchObject({ code: 'databaseMoved' });
    await expect(refused).rejects.toThrow(`was moved to the data directory ${scene.other} on 2`);
    const undo = `db.getSiblingDB('${name}').meta.deleteOne({ _id: 'moved' })`;
    await expect(refused).rejects.toThrow(undo);
    await client.db(name).collection<{ _id: string }>('meta').deleteOne({ _id: 'moved' });
    await (await served(control, url)).close();
  });

  it('a migration out of a database is refused while a server has a lease there', async () => {
    const leases = client.db(name).collection('leases');
    const [now, goneAt] = [Date.now(), new Date(Date.now() + 600_000)];
    const times = { renewedAt: now, endsAt: now + 600_000, goneAt };
    await leases.insertOne({ node: 'one', number: 1, isEnded: false, ...times });
    await expect(move({ kind: 'database', url }, files(scene.other))).rejects.toThrow(/Servers are running on the database \(one\)/); // prettier-ignore
    await leases.deleteMany({});
  });

  it('a backup of a database is restored into files and into a database, with a history of its own', async () => {
    const file = join(scene.other, '..', 'a.backup.gz');
    const made = await backUp({ dataDirectory: '', databaseUrl: url }, file);
    expect(await restore(file, scene.other)).toMatchObject({
      documents: DOCUMENTS,
      rows: made.rows,
    });
    expect(await differing(scene.data, scene.other)).toEqual([]);
    const say = (): void => {};
    expect(await restoreDatabase(file, second, say, say)).toMatchObject({ documents: DOCUMENTS });
    const store = await openMongoStore(second);
    expect([scene.historyId, '']).not.toContain(store.historyId);
    await store.close();
    await expect(restoreDatabase(file, url, say, say)).rejects.toThrow(/is not empty/);
    await client.db(`${name}-second`).dropDatabase();
    writeFileSync(file, 'no backup');
    await expect(restoreDatabase(file, second, say, say)).rejects.toThrow(BackupError);
    const left = await client.db(`${name}-second`).listCollections().toArray();
    expect(left).toEqual([]);
  });

  it('verify finds a sound database sound, and names what is damaged and what belongs to nothing', async () => {
    const store = await openMongoStore(url);
    const checks = await openRowChecks(url);
    const found = async (): Promise<readonly string[]> => {
      const faults: string[] = [];
      for await (const fault of checks.strayRows()) faults.push(fault);
      for await (const verdict of verifyDatabase(store, checks)) faults.push(...verdict.faults);
      return faults;
    };
    expect(await found()).toEqual([]);
    const db = client.db(name);
    const [first, next] = [filledDocument(0), filledDocument(1)];
    await db.collection('batches').updateOne({ documentId: first, firstVersion: 1 }, { $set: { checksum: 1 } }); // prettier-ignore
    await db.collection('batches').updateOne({ documentId: next, firstVersion: 1 }, { $set: { clients: [] } }); // prettier-ignore
    await db.collection('documents').deleteOne({ _id: filledDocument(2) as never });
    await db.collection('accounts').deleteOne({ userName: 'user"0' });
    const faults = (await found()).join('\n');
    expect(faults).toMatch(/versions 1 to 1 is not what was written/);
    expect(faults).toMatch(/Versions 1 to \d: the row names other clients/);
    expect(faults).toContain(`rows of batches are of document ${filledDocument(2)}, which does not exist`); // prettier-ignore
    expect(faults).toMatch(/1 rows of authSessions are of account user"0, which/);
    await store.close();
    await checks.close();
  });
});
