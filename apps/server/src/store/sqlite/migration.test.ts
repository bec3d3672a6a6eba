import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { batchOf, documentId } from '../test-batches.ts';
import { encodeBatch, checksumOf } from './batch-codec.ts';
import { DATABASE_FILE } from './open-database.ts';
import { schemaSteps } from './schema.ts';
import { openSqliteStore } from './sqlite-store.ts';

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'concord-migration-'))));
afterEach(() => rmSync(directory, { recursive: true }));

it('a database from before accounts opens, with its documents as open as they were', async () => {
  const plan = documentId('plan');
  const payload = Buffer.from(encodeBatch(batchOf(plan, 1, 2)));
  const database = new Database(join(directory, DATABASE_FILE));
  database.exec(schemaSteps[0] ?? '');
  database.exec(`
    INSERT INTO store VALUES ('the history');
    INSERT INTO document_keys VALUES (1, '${plan}');
    INSERT INTO documents VALUES (1, 'Plan', 'ann', 1, 2);
    INSERT INTO visits VALUES ('bob', 1, 50);
    INSERT INTO people VALUES ('ann', 'Ann');
    PRAGMA application_id = ${0x436e6364};
    PRAGMA user_version = 1;`);
  const run = (sql: string, bytes: Buffer, ...rest: number[]) =>
    database.prepare(sql).run([bytes, checksumOf(bytes), ...rest]);
  run('INSERT INTO batches VALUES (1, 1, 1, 2, ?, ?)', payload);
  const compressedText = Buffer.from('compressed');
  run('INSERT INTO checkpoints VALUES (1, 2, ?, ?, ?, ?)', compressedText, 7, 10);
  database.close();

  for (const _ of ['migrated', 'opened again']) {
    const store = await openSqliteStore(directory, 0);
    expect(store.historyId).toBe('the history');
    expect(await store.access.get(plan)).toMatchObject({
      anyone: 'editor',
      people: new Map([['ann', 'owner']]),
    });
    expect(await store.library.entry(plan, 'bob')).toMatchObject({
      ...{ title: 'Plan', visitedAt: 50, version: 2, ownerName: 'Ann' },
    });
    expect(await store.log.read(plan, 0, 10)).toEqual(batchOf(plan, 1, 2).operations);
    expect(await store.checkpoints.latest(plan)).toMatchObject({ version: 2, checksum: 7 });
    expect(await store.checkpoints.versions(plan)).toEqual([2]);
    expect(await store.search.behind(10, null)).toEqual([plan]);
    await store.close();
  }
});

it('a database from before effects opens, with its log and checkpoints as they were', async () => {
  const plan = documentId('plan');
  const payload = Buffer.from(encodeBatch(batchOf(plan, 1, 2)));
  const database = new Database(join(directory, DATABASE_FILE));
  const before = schemaSteps.findIndex((step) => step.includes('effect_state'));
  expect(before).toBeGreaterThan(0);
  for (const step of schemaSteps.slice(0, before)) database.exec(step);
  database.exec(`
    INSERT INTO store (history_id) VALUES ('the history');
    INSERT INTO document_keys VALUES (1, '${plan}');
    INSERT INTO documents (document, title, created_by, created_at, updated_at)
      VALUES (1, 'Plan', 'ann', 1, 2);
    PRAGMA application_id = ${0x436e6364};
    PRAGMA user_version = ${before};`);
  const run = (sql: string, bytes: Buffer, ...rest: number[]) =>
    database.prepare(sql).run([bytes, checksumOf(bytes), ...rest]);
  run('INSERT INTO batches VALUES (1, 1, 1, 2, ?, ?)', payload);
  run('INSERT INTO checkpoints VALUES (1, 2, ?, ?, ?, ?)', Buffer.from('compressed'), 7, 10);
  database.close();

  for (const _ of ['migrated', 'opened again']) {
    const store = await openSqliteStore(directory, 0);
    expect(await store.log.read(plan, 0, 10)).toEqual(batchOf(plan, 1, 2).operations);
    const checkpoint = await store.checkpoints.latest(plan);
    expect(checkpoint).toMatchObject({ version: 2, checksum: 7, lengthCodePoints: 10 });
    expect(checkpoint?.effectState).toBeUndefined();
    await store.close();
  }
});
