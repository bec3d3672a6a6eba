/** Backups are whole or not there, hold one state of everything, and become a data directory with a history of its own. */
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSqliteStore } from '../../store/sqlite/sqlite-store.ts';
import type { Store } from '../../store/ports/store.ts';
import { batchOf, documentId, emptyDocument, recordOf } from '../../store/test-batches.ts';
import { backUp } from './back-up.ts';
import { BackupError } from './backup-format.ts';
import { checkBackup } from './backup-reader.ts';
import { nextDue, prune } from './backup-schedule.ts';
import { restore } from './restore.ts';

let root: string;
let data: string;
let file: string;
let store: Store;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'concord-backup-'));
  data = join(root, 'data');
  file = join(root, 'a.backup.gz');
  store = await openSqliteStore(data, 0);
});
afterEach(async () => {
  await store.close();
  rmSync(root, { recursive: true });
});

const plan = documentId('plan');
const notes = documentId('notes');

async function fill(): Promise<void> {
  await store.documents.createWithText(
    emptyDocument(recordOf(plan, { title: 'Plan 😀' }), 'editor'),
  );
  await store.documents.createWithText(emptyDocument(recordOf(notes, { title: 'Notes' })));
  for (let version = 1; version <= 1_201; version += 300) await store.log.append(batchOf(plan, version, 300)); // prettier-ignore
  for (let i = 0; i < 1_100; i += 1) void store.people.setName(`user-${i}`, `Name ${i}`);
  await store.people.setName('ann', 'Ann');
}

describe('a backup', () => {
  it('restored has every document, right and name, and another history', async () => {
    await fill();
    const secret = await store.secret('tokens');
    const made = await backUp({ dataDirectory: data, databaseUrl: null }, file);
    expect(readdirSync(root).sort()).toEqual(['a.backup.gz', 'data']);
    expect(made).toMatchObject({ file, rows: expect.any(Number) as unknown });
    const restored = join(root, 'restored');
    expect(await restore(file, restored)).toMatchObject({ documents: 2, rows: made.rows });
    const again = await openSqliteStore(restored, 0);
    const events: unknown[] = [];
    again.listen((event) => events.push(event));
    expect(again.historyId).not.toBe(store.historyId);
    expect(await again.log.read(plan, 0, 10_000)).toEqual(await store.log.read(plan, 0, 10_000));
    expect(await again.documents.get(plan)).toEqual(await store.documents.get(plan));
    expect(await again.access.get(plan)).toEqual(await store.access.get(plan));
    expect(await again.people.nameOf('user-1099')).toBe('Name 1099');
    expect(await again.secret('tokens')).toEqual(secret);
    await again.log.append(batchOf(plan, 1_501));
    await again.close();
    expect(events).toEqual([]);
    expect(readdirSync(restored).filter((name) => name.includes('restoring'))).toEqual([]);
  });

  it('is of one moment, whatever is written meanwhile', async () => {
    await fill();
    let isWriting = true;
    let version = 0;
    const writing = (async () => {
      while (isWriting) {
        version += 1;
        await store.log.append(batchOf(notes, version));
        await store.people.setName('version', String(version));
      }
    })();
    await backUp({ dataDirectory: data, databaseUrl: null }, file);
    isWriting = false;
    await writing;
    const restored = join(root, 'restored');
    await restore(file, restored);
    const again = await openSqliteStore(restored, 0);
    const head = await again.log.headVersion(notes);
    expect(head).toBeLessThanOrEqual(version);
    // The name is written after its version: at most one behind, never ahead.
    const named = Number((await again.people.nameOf('version')) ?? 0);
    expect(head - named).toBeGreaterThanOrEqual(0);
    expect(head - named).toBeLessThanOrEqual(1);
    await again.close();
  });

  it('is never written over, and leaves nothing behind when it is given up', async () => {
    await fill();
    writeFileSync(file, 'mine');
    await expect(backUp({ dataDirectory: data, databaseUrl: null }, file)).rejects.toThrow(
      /exists already/,
    );
    expect(readFileSync(file, 'utf8')).toBe('mine');
    const ending = new AbortController();
    const other = join(root, 'b.backup.gz');
    const given = backUp(
      { dataDirectory: data, databaseUrl: null },
      other,
      () => ending.abort(),
      ending.signal,
    );
    await expect(given).rejects.toThrow(BackupError);
    expect(readdirSync(root).sort()).toEqual(['a.backup.gz', 'data']);
    await expect(
      backUp({ dataDirectory: data, databaseUrl: null }, join(root, 'nowhere', 'c.gz')),
    ).rejects.toThrow(BackupError);
  });

  it('that was changed anywhere is refused, and nothing is made of it', async () => {
    await fill();
    await backUp({ dataDirectory: data, databaseUrl: null }, file);
    const sound = readFileSync(file);
    const lines = gunzipSync(sound).toString();
    const damages: (Buffer | string)[] = [
      sound.subarray(0, sound.length - 1),
      sound.subarray(0, sound.length / 2),
      Buffer.alloc(0),
      'not a backup',
      gzipSync(lines.replace('Notes', 'Nodes')),
      gzipSync(lines.replace(/^\[.*\n/m, '')),
      gzipSync(lines.slice(0, lines.lastIndexOf('{"end"'))),
      gzipSync(`${lines}[1]\n`),
      gzipSync(lines.replace('"version":2', '"version":99')),
      gzipSync(lines.replace(/^\{"sectionEnd":"people".*\n/m, '')),
      gzipSync(lines.replace('"section":"people"', '"section":"others"')),
    ];
    // Behind gzip's own header, whose time and flags say nothing.
    for (let at = 11; at < sound.length; at += Math.ceil(sound.length / 25)) {
      const flipped = Buffer.from(sound);
      flipped[at] = (flipped[at] ?? 0) ^ 4;
      damages.push(flipped);
    }
    for (const damage of damages) {
      writeFileSync(file, damage);
      await expect(checkBackup(file)).rejects.toThrow(BackupError);
    }
    const restored = join(root, 'restored');
    await expect(restore(file, restored)).rejects.toThrow(BackupError);
    expect(readdirSync(restored)).toEqual([]);
  });

  it('is not restored over a database', async () => {
    await fill();
    await backUp({ dataDirectory: data, databaseUrl: null }, file);
    await expect(restore(file, data)).rejects.toThrow(/is not empty.*move it away/);
    expect(await store.documents.get(plan)).not.toBeNull();
  });
});

describe('scheduled backups', () => {
  it('are due so long after the newest, and of the old ones some stay', () => {
    const directory = join(root, 'backups');
    const config = { directory, everyMs: 1_000, keep: 2 };
    expect(nextDue(config, 50_000)).toBe(50_000);
    const names = [1, 2, 3].map((day) => `concord-2026-01-0${day}T00-00-00Z.backup.gz`);
    rmSync(directory, { recursive: true, force: true });
    for (const [i, name] of ['mine.gz', ...names].entries()) {
      writeFileSync(join(data, name), '');
      utimesSync(join(data, name), 10 + i, 10 + i);
    }
    const there = { ...config, directory: data };
    expect(nextDue(there, 13_500)).toBe(14_000);
    // The clock was ahead when it was made.
    expect(nextDue(there, 5_000)).toBe(5_000);
    prune(there);
    expect(names.map((name) => existsSync(join(data, name)))).toEqual([false, true, true]);
    expect(existsSync(join(data, 'mine.gz'))).toBe(true);
  });
});
