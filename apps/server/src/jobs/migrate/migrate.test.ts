/** Moving from one store to another: whole and compared, or refused. With MongoDB: migrate.mongodb.test.ts. */
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { describe, expect, it } from 'vitest';
import { StoreOpenError } from '../../store/sqlite/store-open-error.ts';
import { DATABASE_FILE } from '../../store/sqlite/open-database.ts';
import { openSqliteStore } from '../../store/sqlite/sqlite-store.ts';
import { filledDocument } from '../../store/transfer/test-filled-store.ts';
import { migrate } from './migrate.ts';
import { MigrationError } from './migration-error.ts';
import { nameOf } from './places.ts';
import { differing, DOCUMENTS, files, migrationScene, move, served } from './test-migration.ts';

const scene = migrationScene();

it.each([
  ['mongodb://ann:s3c:re%40t@db1:27017,db2/notes?replicaSet=rs0', 'the database notes at db1:27017,db2'], // prettier-ignore
  ['mongodb+srv://ann@cluster.example', 'the database concord at cluster.example'],
  ['mongodb://db/?tls=true', 'the database concord at db'],
])('the place of %s is named without what proves who may open it', (url, name) => {
  expect(nameOf({ kind: 'database', url })).toBe(name);
});

describe('a migration between directories', () => {
  it('moves everything with the id of the history, and leaves nothing but the store', async () => {
    expect(await move(files(scene.data), files(scene.other))).toMatchObject({
      documents: DOCUMENTS,
    });
    expect(await differing(scene.data, scene.other)).toEqual([]);
    expect(existsSync(join(scene.other, 'migrating'))).toBe(false);
    const store = await openSqliteStore(scene.other, 0);
    expect(store.historyId).toBe(scene.historyId);
    await store.log.append({ documentId: filledDocument(0), firstVersion: (await store.log.headVersion(filledDocument(0))) + 1, epoch: 9, operations: [{ clientId: 'new'.padEnd(22, '0') as never, seq: 1, author: 'ann', at: 1, op: ['x'] }] }); // prettier-ignore
    await store.close();
    await expect(move(files(scene.data), files(scene.other))).rejects.toThrow(
      /is not empty.*Nothing in it/,
    );
  });

  it('leaves the former directory refused to servers, which say where everything is and how to come back', async () => {
    await move(files(scene.data), files(scene.other));
    const refused = served(scene.data);
    await expect(refused).rejects.toThrow(StoreOpenError);
    await expect(refused).rejects.toThrow(`was moved to the data directory ${scene.other} on 2`);
    await expect(refused).rejects.toThrow(`delete the file ${join(scene.data, 'moved')}.`);
    await (await served(scene.other)).close();
    rmSync(join(scene.data, 'moved'));
    await (await served(scene.data)).close();
  });

  it('that stopped after it had written everything is refused to servers, and goes on', async () => {
    const stopped = migrate({
      ...{ from: files(scene.data), to: files(scene.other), warn: () => {} },
      progress: (words) => {
        if (words.startsWith('Comparing texts')) throw new Error('killed');
      },
    });
    await expect(stopped).rejects.toThrow('killed');
    expect(readdirSync(scene.other)).toContain('migrating');
    // Nothing was moved yet.
    expect(existsSync(join(scene.data, 'moved'))).toBe(false);
    await expect(openSqliteStore(scene.other, 0)).rejects.toThrow(/interrupted concord migrate/);
    expect(await move(files(scene.data), files(scene.other))).toEqual({ documents: DOCUMENTS, operations: expect.any(Number) as unknown, records: 0 }); // prettier-ignore
    expect(await differing(scene.data, scene.other)).toEqual([]);
  });

  it('of a store with a damaged document names it, and leaves the destination closed', async () => {
    const damaged = join(scene.other, '..', 'damaged');
    await move(files(scene.data), files(damaged));
    const raw = new Database(join(damaged, DATABASE_FILE));
    raw.exec('UPDATE checkpoints SET text_checksum = text_checksum + 1');
    raw.close();
    for (const name of ['sums', 'mark']) rmSync(join(damaged, `${DATABASE_FILE}-${name}`));
    const moved = move(files(damaged), files(scene.other));
    await expect(moved).rejects.toThrow(new RegExp(`^Document ${filledDocument(0)}: `));
    await expect(moved).rejects.toThrow(MigrationError);
    await expect(openSqliteStore(scene.other, 0)).rejects.toThrow(/interrupted concord migrate/);
  });

  it('of an empty directory, or into one that a server uses, is refused', async () => {
    const empty = join(scene.other, '..', 'empty');
    mkdirSync(empty);
    await expect(move(files(empty), files(scene.other))).rejects.toThrow(/no database/);
    expect(readdirSync(empty)).toEqual([]);
    const used = await openSqliteStore(scene.data, 0);
    await expect(move(files(scene.data), files(scene.other))).rejects.toThrow(
      /in use by another running/,
    );
    await used.close();
  });
});
