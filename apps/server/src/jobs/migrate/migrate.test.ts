/** Moving from one store to another: whole and compared, or refused; and archives that go from one store to the other. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { MongoClient } from 'mongodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openMongoStore } from '../../store/mongodb/mongo-store.ts';
import { testServerUrl, urlOf } from '../../store/mongodb/test-database.ts';
import { openMongoSource } from '../../store/mongodb/transfer/open-source.ts';
import { openRowChecks } from '../../store/mongodb/verify-rows.ts';
import { DATABASE_FILE, openReadingDatabase } from '../../store/sqlite/open-database.ts';
import { openSqliteStore } from '../../store/sqlite/sqlite-store.ts';
import { sqliteSource } from '../../store/sqlite/transfer/sqlite-source.ts';
import { differences } from '../../store/transfer/copy.ts';
import { contentOf } from '../../store/transfer/test-content.ts';
import { fillSoundStore, filledDocument } from '../../store/transfer/test-filled-store.ts';
import { backUp } from '../backup/back-up.ts';
import { BackupError } from '../backup/backup-format.ts';
import { restoreDatabase } from '../backup/restore-database.ts';
import { restore } from '../backup/restore.ts';
import { verifyDatabase } from '../verify/verify-database.ts';
import { migrate } from './migrate.ts';
import { MigrationError } from './migration-error.ts';
import type { Place } from './places.ts';

const filling = { documents: 5, batches: 4, people: 6, word: 'wörd' };
const DOCUMENTS = 5;

let root: string;
let data: string;
let historyId: string;
/** Of one test. */
let other: string;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'concord-migrate-'));
  data = join(root, 'data');
  const store = await openSqliteStore(data, 0);
  historyId = store.historyId;
  await fillSoundStore(store, filling);
  await store.close();
});
afterAll(() => rmSync(root, { recursive: true }));
beforeEach(() => {
  other = join(mkdtempSync(join(root, 'other-')), 'data');
});
afterEach(() => rmSync(join(other, '..'), { recursive: true }));

const files = (directory: string): Place => ({ kind: 'files', directory });
const move = (from: Place, to: Place): ReturnType<typeof migrate> =>
  migrate({ from, to, progress: () => {}, warn: () => {} });

/** Sections whose records differ between two directories. */
async function differing(one: string, another: string): Promise<readonly string[]> {
  const [expected, found] = [openReadingDatabase(one), openReadingDatabase(another)];
  const sections: string[] = [];
  for await (const { section } of differences(
    sqliteSource(expected.connection, ''),
    sqliteSource(found.connection, ''),
  )) {
    sections.push(section);
  }
  expected.close();
  found.close();
  return sections;
}

describe('a migration between directories', () => {
  it('moves everything with the id of the history, and leaves nothing but the store', async () => {
    expect(await move(files(data), files(other))).toMatchObject({ documents: DOCUMENTS });
    expect(await differing(data, other)).toEqual([]);
    expect(existsSync(join(other, 'migrating'))).toBe(false);
    const store = await openSqliteStore(other, 0);
    expect(store.historyId).toBe(historyId);
    await store.log.append({ documentId: filledDocument(0), firstVersion: (await store.log.headVersion(filledDocument(0))) + 1, epoch: 9, operations: [{ clientId: 'new'.padEnd(22, '0') as never, seq: 1, author: 'ann', at: 1, op: ['x'] }] }); // prettier-ignore
    await store.close();
    await expect(move(files(data), files(other))).rejects.toThrow(/is not empty.*Nothing in it/);
  });

  it('that stopped after it had written everything is refused to servers, and goes on', async () => {
    const stopped = migrate({
      ...{ from: files(data), to: files(other), warn: () => {} },
      progress: (words) => {
        if (words.startsWith('Comparing texts')) throw new Error('killed');
      },
    });
    await expect(stopped).rejects.toThrow('killed');
    expect(readdirSync(other)).toContain('migrating');
    await expect(openSqliteStore(other, 0)).rejects.toThrow(/interrupted concord migrate/);
    expect(await move(files(data), files(other))).toEqual({ documents: DOCUMENTS, operations: expect.any(Number) as unknown, records: 0 }); // prettier-ignore
    expect(await differing(data, other)).toEqual([]);
  });

  it('of a store with a damaged document names it, and leaves the destination closed', async () => {
    const damaged = join(other, '..', 'damaged');
    await move(files(data), files(damaged));
    const raw = new Database(join(damaged, DATABASE_FILE));
    raw.exec('UPDATE checkpoints SET text_checksum = text_checksum + 1');
    raw.close();
    for (const name of ['sums', 'mark']) rmSync(join(damaged, `${DATABASE_FILE}-${name}`));
    const moved = move(files(damaged), files(other));
    await expect(moved).rejects.toThrow(new RegExp(`^Document ${filledDocument(0)}: `));
    await expect(moved).rejects.toThrow(MigrationError);
    await expect(openSqliteStore(other, 0)).rejects.toThrow(/interrupted concord migrate/);
  });

  it('of an empty directory, or into one that a server uses, is refused', async () => {
    const empty = join(other, '..', 'empty');
    mkdirSync(empty);
    await expect(move(files(empty), files(other))).rejects.toThrow(/no database/);
    expect(readdirSync(empty)).toEqual([]);
    const used = await openSqliteStore(data, 0);
    await expect(move(files(data), files(other))).rejects.toThrow(/in use by another running/);
    await used.close();
  });
});

describe.skipIf(testServerUrl === null)('with MongoDB', () => {
  const name = `concord-migrate-${process.pid}`;
  const url = urlOf(name);
  const second = urlOf(`${name}-second`);
  let client: MongoClient;
  beforeAll(async () => {
    client = new MongoClient(testServerUrl ?? '');
    await move(files(data), { kind: 'database', url });
  });
  afterAll(async () => {
    for (const each of [name, `${name}-second`]) await client.db(each).dropDatabase();
    await client.close();
  });

  it('everything goes there and back unchanged, with the same history', async () => {
    const there = await openMongoSource(url, { isSnapshot: false, warn: () => {} });
    expect(there.source.historyId).toBe(historyId);
    expect((await contentOf(there.source)).documents).toHaveLength(DOCUMENTS);
    await there.close();
    await move({ kind: 'database', url }, files(other));
    expect(await differing(data, other)).toEqual([]);
  });

  it('a migration out of a database is refused while a server has a lease there', async () => {
    const leases = client.db(name).collection('leases');
    const [now, goneAt] = [Date.now(), new Date(Date.now() + 600_000)];
    const times = { renewedAt: now, endsAt: now + 600_000, goneAt };
    await leases.insertOne({ node: 'one', number: 1, isEnded: false, ...times });
    await expect(move({ kind: 'database', url }, files(other))).rejects.toThrow(/Servers are running on the database \(one\)/); // prettier-ignore
    await leases.deleteMany({});
  });

  it('a backup of a database is restored into files and into a database, with a history of its own', async () => {
    const file = join(other, '..', 'a.backup.gz');
    const made = await backUp({ dataDirectory: '', databaseUrl: url }, file);
    expect(await restore(file, other)).toMatchObject({ documents: DOCUMENTS, rows: made.rows });
    expect(await differing(data, other)).toEqual([]);
    const say = (): void => {};
    expect(await restoreDatabase(file, second, say, say)).toMatchObject({ documents: DOCUMENTS });
    const store = await openMongoStore(second);
    expect([historyId, '']).not.toContain(store.historyId);
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
