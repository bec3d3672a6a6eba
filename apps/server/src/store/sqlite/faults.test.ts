/**
 * What the SQLite store does when the disk, the file, the process or the administrator fails (docs/faults.md#the-disk-fails,
 * docs/faults.md#a-file-is-damaged).
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CorruptionError, StoreError, type Store } from '../ports/store.ts';
import { batchOf, clientId, documentId, emptyDocument, recordOf } from '../test-batches.ts';
import { encodeBatch } from './batch-codec.ts';
import { DATABASE_FILE } from './open-database.ts';
import { openSqliteStore } from './sqlite-store.ts';
import { startWorker } from './start-worker.ts';
import { DOCUMENTS, documentOf, type Report } from './store-process.ts';
import { WorkerConnection } from './worker-connection.ts';

const loader = fileURLToPath(new URL('../../platform/typescript-loader.mjs', import.meta.url));
const storeProcess = fileURLToPath(new URL('./store-process.ts', import.meta.url));
const plan = documentId('plan');

let directory: string;
let opened: Store[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'concord-store-'));
});
afterEach(async () => {
  await Promise.all(opened.map((store) => store.close()));
  opened = [];
  rmSync(directory, { recursive: true });
});

async function open(): Promise<Store> {
  const store = await openSqliteStore(directory);
  opened.push(store);
  return store;
}

/** Changes the closed file by a connection that bypasses the store. */
function changeFile(...statements: string[]): void {
  const database = new Database(join(directory, DATABASE_FILE));
  for (const statement of statements) database.exec(statement);
  database.close();
}

describe('a data directory', () => {
  const processArguments = ['--import', loader, storeProcess];

  it('in use is refused, in this process and in another', async () => {
    const store = await open();
    await expect(openSqliteStore(directory)).rejects.toMatchObject({ code: 'dataDirectoryInUse' });
    const other = execFileSync(process.execPath, [...processArguments, directory, 'open']);
    expect(JSON.parse(other.toString())).toBe('dataDirectoryInUse');
    await store.log.append(batchOf(plan, 1));
    await store.close();
    const free = execFileSync(process.execPath, [...processArguments, directory, 'open']);
    expect(JSON.parse(free.toString())).toBe('opened');
  });

  it('is created readable by its owner only', async () => {
    const deep = join(directory, 'a', 'b');
    await (await openSqliteStore(deep)).close();
    expect(statSync(deep).mode & 0o777).toBe(0o700);
  });

  it.each<[string, RegExp, () => string]>([
    [
      'is a file',
      /there is a file where the directory should be/,
      () => {
        writeFileSync(join(directory, 'file'), '');
        return join(directory, 'file');
      },
    ],
    [
      'lies under a file',
      /there is a file where the directory should be/,
      () => {
        writeFileSync(join(directory, 'file'), '');
        return join(directory, 'file', 'data');
      },
    ],
    [
      'has a directory in the place of its database',
      /cannot be created or written to/,
      () => {
        mkdirSync(join(directory, DATABASE_FILE));
        return directory;
      },
    ],
    [
      'holds something else by that name',
      /is not a Concord database/,
      () => {
        writeFileSync(join(directory, DATABASE_FILE), 'not a database'.repeat(1_000));
        return directory;
      },
    ],
    [
      "holds another program's database",
      /is not a Concord database/,
      () => {
        changeFile('CREATE TABLE things (thing TEXT)');
        return directory;
      },
    ],
  ])('that %s is refused with a sentence', async (_what, sentence, prepare) => {
    const refused = openSqliteStore(prepare());
    await expect(refused).rejects.toMatchObject({ code: 'dataDirectoryUnusable' });
    await expect(refused).rejects.toThrow(sentence);
  });

  it.runIf(process.platform === 'linux')('that cannot be created is refused', async () => {
    const refused = openSqliteStore('/proc/concord/data');
    await expect(refused).rejects.toMatchObject({ code: 'dataDirectoryUnusable' });
    await expect(refused).rejects.toThrow(/cannot be created or written to/);
  });

  it('of a newer version is refused and not changed', async () => {
    await (await open()).close();
    changeFile('PRAGMA user_version = 99');
    const before = readFileSync(join(directory, DATABASE_FILE));
    await expect(openSqliteStore(directory)).rejects.toThrow(/newer version of Concord/);
    expect(readFileSync(join(directory, DATABASE_FILE)).equals(before)).toBe(true);
  });
});

describe('damage is detected', () => {
  it.each([
    ['a flipped bit', `UPDATE batches SET payload = CAST(replace(CAST(payload AS TEXT), 'text 4', 'text 5') AS BLOB)`], // prettier-ignore
    ['bytes that are not UTF-8', `UPDATE batches SET payload = x'ff00fe' WHERE first_version = 4`],
    ['a line break', `UPDATE batches SET payload = x'0a' WHERE first_version = 4`],
    ['nothing', `UPDATE batches SET payload = x'' WHERE first_version = 4`],
    ['a wrong checksum', 'UPDATE batches SET checksum = checksum + 1 WHERE first_version = 4'],
  ])('when a batch holds %s', async (_what, change) => {
    const store = await open();
    for (const first of [1, 4, 7]) await store.log.append(batchOf(plan, first, 3));
    await store.close();
    changeFile(change);
    const again = await open();
    const read = again.log.read(plan, 0, 100);
    await expect(read).rejects.toThrow(CorruptionError);
    await expect(read).rejects.toThrow(/Document plan0+: .* versions \d to \d .* backup/);
  });

  it('when batches are missing, duplicated or of another document (I3)', async () => {
    const store = await open();
    for (const first of [1, 4, 7]) await store.log.append(batchOf(plan, first, 3));
    await store.close();
    changeFile('DELETE FROM batches WHERE first_version = 4');
    await expect((await open()).log.read(plan, 0, 100)).rejects.toThrow(CorruptionError);
    await opened.at(-1)?.close();
    changeFile('UPDATE batches SET first_version = 4, last_version = 6 WHERE first_version = 7');
    await expect((await open()).log.read(plan, 0, 100)).rejects.toThrow(CorruptionError);
    await expect(opened.at(-1)?.log.read(plan, 4, 1)).rejects.toThrow(CorruptionError);
  });

  it('when a position, a checkpoint, a title or a name is damaged', async () => {
    const store = await open();
    await store.documents.createWithText(emptyDocument(recordOf(plan)));
    await store.log.append(batchOf(plan, 1, 2, 'ann'));
    await store.log.append(batchOf(plan, 3, 2, 'bob'));
    await store.people.setName('ann', 'Ann');
    const compressedText = Buffer.from('compressed');
    await store.checkpoints.write(plan, {
      version: 2,
      compressedText,
      checksum: 1,
      lengthCodePoints: 1,
    });
    await store.close();
    changeFile(
      'UPDATE client_positions SET version = 3',
      `UPDATE checkpoints SET compressed_text = x'00'`,
      `UPDATE documents SET title = CAST(x'ff' AS TEXT)`,
      `UPDATE people SET name = CAST(x'ff' AS TEXT)`,
    );
    const again = await open();
    await expect(again.log.positionOf(plan, clientId('ann'), 'author-of-ann')).rejects.toThrow(
      CorruptionError,
    );
    await expect(again.checkpoints.latest(plan)).rejects.toThrow(/checkpoint at version 2.*backup/);
    await expect(again.documents.get(plan)).rejects.toThrow(CorruptionError);
    await expect(again.people.nameOf('ann')).rejects.toThrow(CorruptionError);
    expect(await again.log.read(plan, 0, 10)).toHaveLength(4);
  });
});

it('whatever byte of the file is damaged, no value is read that was not written', async () => {
  const store = await open();
  const written = batchOf(plan, 1, 4_500).operations;
  for (let first = 1; first <= 4_500; first += 15) await store.log.append(batchOf(plan, first, 15));
  await store.close();
  const file = join(directory, DATABASE_FILE);
  const sound = readFileSync(file);
  let noticed = 0;
  for (let round = 0; round < 30; round++) {
    const damaged = Buffer.from(sound);
    // Evenly over the file, from the second page on, so that it can be opened.
    const at = 4_096 + Math.floor((round / 30) * (sound.length - 4_096)) + 41 * (round % 7);
    for (let i = at; i < at + 24; i++) damaged[i] = (damaged[i] ?? 0) ^ (0x81 + i - at);
    writeFileSync(file, damaged);
    const outcome = await open().then(
      async (opened) => {
        const read = await opened.log.read(plan, 0, 5_000).catch((error: unknown) => error);
        await opened.close();
        return read;
      },
      (error: unknown) => error,
    );
    if (outcome instanceof Error) {
      expect('code' in outcome && outcome.code).toMatch(/^(corruption|dataDirectoryUnusable)$/);
      noticed++;
    } else {
      const { length } = outcome as unknown[];
      expect(outcome).toEqual(written.slice(0, length));
    }
  }
  expect(noticed).toBeGreaterThan(10);
});

it('a database thread that dies fails what was handed in, and everything after', async () => {
  const { worker } = await startWorker({ role: 'writes', dataDirectory: directory });
  const connection = new WorkerConnection(worker, { isFatal: true });
  const write = connection.write(encodeBatch(batchOf(plan, 1)));
  const read = connection.read({ table: 'log', method: 'headVersion', given: [plan] });
  await worker.terminate();
  for (const outcome of [
    write,
    read,
    connection.write(encodeBatch(batchOf(plan, 1))),
    connection.read({ table: 'log', method: 'headVersion', given: [plan] }),
  ]) {
    await expect(outcome).rejects.toThrow(StoreError);
    await expect(outcome).rejects.toMatchObject({ fatal: true });
  }
  await connection.close();
});

/** Runs an appending process, kills it with SIGKILL after that many lines, and resolves to its output. */
async function runAppending(command: string, args: string[], linesToLive: number) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const reports: Report[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const report = JSON.parse(line) as Report | string;
    if (typeof report === 'object') reports.push(report);
    else expect(report).toBe('opened');
    if (reports.length === linesToLive) child.kill('SIGKILL');
  }
  await ended;
  return reports;
}

/** Asserts that all reported versions are in the log, without gaps (I1, I3). */
async function expectInTheLog(reports: readonly Report[]): Promise<void> {
  const store = await open();
  for (let place = 0; place < DOCUMENTS; place++) {
    const heads = reports.flatMap((report) =>
      'appended' in report && report.appended === place ? [report.head] : [],
    );
    const operations = await store.log.read(documentOf(place), 0, 1e9);
    expect(operations.length).toBeGreaterThanOrEqual(Math.max(0, ...heads));
    expect(operations.length).toBe(await store.log.headVersion(documentOf(place)));
    expect(operations.map(({ seq }) => seq)).toEqual(operations.map((_, i) => i + 1));
    const position = await store.log.positionOf(
      documentOf(place),
      clientId('ann'),
      'author-of-ann',
    );
    expect(position?.version ?? 0).toBe(operations.length);
  }
  await store.close();
}

it('a process killed during appends loses none that had resolved (I1)', async () => {
  const args = ['--import', loader, storeProcess, directory, 'append'];
  for (const linesToLive of [1, 50, 333, 1_000]) {
    const reports = await runAppending(process.execPath, args, linesToLive);
    expect(reports.length).toBeGreaterThanOrEqual(linesToLive);
    await expectInTheLog(reports);
  }
});

it.runIf(process.platform !== 'win32')(
  'on a full disk every write is refused, for good; nothing that resolved is lost',
  async () => {
    // A file size limit simulates the full disk: writing beyond it fails.
    const script = 'ulimit -f 8000; exec "$0" --import "$1" "$2" "$3" append';
    const args = ['-c', script, process.execPath, loader, storeProcess, directory];
    const reports = await runAppending('/bin/sh', args, Infinity);
    const last = reports.at(-1);
    expect(reports.length).toBeGreaterThan(DOCUMENTS);
    expect(last).toMatchObject({ fatal: true, laterFatal: true });
    expect(last?.head).toBeGreaterThan(0);
    expect(last).toMatchObject({
      refused: expect.stringMatching(/could not be written/) as unknown,
      laterRefused: expect.stringMatching(/could not be written/) as unknown,
    });
    await expectInTheLog(reports);
    await (await open()).log.append(batchOf(plan, 1));
  },
);
