/** External changes to the files of a data directory are detected, and reported until they are resolved. */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StoreError, type Store, type StoreEvent } from '../ports/store.ts';
import { batchOf, documentId, emptyDocument, recordOf } from '../test-batches.ts';
import { DataFiles } from './files/data-files.ts';
import { DATABASE_FILE } from './open-database.ts';
import { openSqliteStore } from './sqlite-store.ts';
import { pagesOf } from './test-damage.ts';

const plan = documentId('plan');
const LOG = `${DATABASE_FILE}-wal`;
const SUMS = `${DATABASE_FILE}-sums`;
const MARK = `${DATABASE_FILE}-mark`;

let root: string;
let directory: string;
let opened: Store[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'concord-files-'));
  directory = join(root, 'data');
  mkdirSync(directory);
});
afterEach(async () => {
  await Promise.all(opened.map((store) => store.close()));
  opened = [];
  rmSync(root, { recursive: true, force: true });
});

const at = (file: string, where = directory): string => join(where, file);

async function open(where = directory): Promise<{ store: Store; events: StoreEvent[] }> {
  const store = await openSqliteStore(where, 0);
  const events: StoreEvent[] = [];
  store.listen((event) => events.push(event));
  opened.push(store);
  return { store, events };
}

/** Copies the files while the store is open, in the state that `kill -9` would leave. */
function killed(name = 'killed'): string {
  const copy = join(root, name);
  mkdirSync(copy);
  for (const file of readdirSync(directory)) {
    if (statSync(at(file)).isFile() && !file.endsWith('-shm')) copyFileSync(at(file), at(file, copy)); // prettier-ignore
  }
  return copy;
}

function flip(path: string, byte: number): void {
  const bytes = readFileSync(path);
  bytes[byte] = (bytes[byte] ?? 0) ^ 0x10;
  writeFileSync(path, bytes);
}

const incidents = (events: readonly StoreEvent[]) =>
  events.flatMap((event) => (event.type === 'incident' ? [event] : []));
const kinds = (events: readonly StoreEvent[]) =>
  incidents(events).map(({ incident, isNew }) => `${isNew ? 'new ' : ''}${incident.kind}`);

/** A store killed after some edits, which are in the write-ahead log only. */
async function killedAfterEdits(): Promise<{ copy: string; historyId: string }> {
  const { store, events } = await open();
  await store.documents.createWithText(emptyDocument(recordOf(plan)));
  for (let version = 1; version <= 20; version += 1) await store.log.append(batchOf(plan, version));
  // The mark file is written after the answer.
  await store.people.setName('ann', 'Ann');
  await vi.waitFor(() => expect(readFileSync(at(MARK)).readUInt32LE(16)).toBeGreaterThan(20));
  expect(events).toEqual([]);
  return { copy: killed(), historyId: store.historyId };
}

describe('loss of acknowledged changes', () => {
  it('is not reported after kill -9, and the history id stays the same', async () => {
    const { copy, historyId } = await killedAfterEdits();
    const { store, events } = await open(copy);
    expect(events).toEqual([]);
    expect(store.historyId).toBe(historyId);
    expect(await store.log.headVersion(plan)).toBe(20);
  });

  it.each<[string, (copy: string) => void]>([
    ['the log is deleted', (copy) => rmSync(at(LOG, copy))],
    ['the log is emptied', (copy) => writeFileSync(at(LOG, copy), '')],
    ['a bit of the log is flipped', (copy) => flip(at(LOG, copy), 32 + 4120 * 25 + 700)],
    ['a bit of its header is', (copy) => flip(at(LOG, copy), 17)],
    ['the log is cut', (copy) => writeFileSync(at(LOG, copy), readFileSync(at(LOG, copy)).subarray(0, 80_000))], // prettier-ignore
  ])('are reported at every start when %s, with a new history', async (_what, damage) => {
    const { copy, historyId } = await killedAfterEdits();
    damage(copy);
    const first = await open(copy);
    expect(kinds(first.events)).toEqual(['new lostCommits']);
    expect(first.store.historyId).not.toBe(historyId);
    await first.store.close();
    const again = await open(copy);
    expect(kinds(again.events)).toEqual(['lostCommits']);
    expect(again.store.historyId).toBe(first.store.historyId);
    await again.store.close();
    const [report] = incidents(again.events);
    // The evidence is beside the report; deleting the directory resolves the incident.
    expect(existsSync(at(join(report?.incident.name ?? '', MARK), copy))).toBe(true);
    rmSync(at(report?.incident.name ?? '', copy), { recursive: true });
    expect((await open(copy)).events).toEqual([]);
  });

  it('is reported as possible, with a new history id, when the mark file is missing or damaged', async () => {
    const { copy, historyId } = await killedAfterEdits();
    flip(at(MARK, copy), 10);
    const { store, events } = await open(copy);
    expect(kinds(events)).toEqual(['new companion']);
    expect(store.historyId).not.toBe(historyId);
    expect(await store.log.headVersion(plan)).toBe(20);
  });
});

describe('the database file', () => {
  it('has a checksum for each page, which detects a flipped bit', async () => {
    const { store } = await open();
    await store.documents.createWithText(emptyDocument(recordOf(plan, { title: 'The title' })));
    await store.log.append(batchOf(plan, 1, 3));
    await store.close();
    const pages = statSync(at(DATABASE_FILE)).size / 4096;
    expect(pages).toBeGreaterThan(20);
    const copy = killed();
    for (let page = 1; page <= pages; page += 1) {
      flip(at(DATABASE_FILE, copy), page * 4096 - 5);
      const { files } = DataFiles.open(at(DATABASE_FILE, copy));
      expect(files.damagedAmong(1, pages)).toEqual([page]);
      files.close();
      flip(at(DATABASE_FILE, copy), page * 4096 - 5);
    }
    writeFileSync(
      at(DATABASE_FILE, copy),
      readFileSync(at(DATABASE_FILE, copy)).subarray(0, -4096),
    );
    const { files } = DataFiles.open(at(DATABASE_FILE, copy));
    expect(files.damagedAmong(1, pages)).toEqual([pages]);
    files.close();
  });

  it.each(['library', 'client_positions'])(
    'that is damaged in a table of its own is served with a report: %s',
    async (table) => {
      const { store } = await open();
      await store.documents.createWithText(emptyDocument(recordOf(plan)));
      await store.people.setName('ann', 'Ann');
      await store.log.append(batchOf(plan, 1, 3));
      await store.close();
      const { page = 0 } = pagesOf(directory).find(({ owner }) => owner === table) ?? {};
      flip(at(DATABASE_FILE), page * 4096 - 3);
      const { store: again, events } = await open();
      expect(kinds(events)).toEqual(['new damagedPages']);
      expect(incidents(events)[0]?.incident.message).toMatch(new RegExp(`tables ${table}.*concord verify`)); // prettier-ignore
      expect(again.historyId).toBe(store.historyId);
      expect(await again.log.read(plan, 0, 10)).toHaveLength(3);
      await again.close();
      expect(kinds((await open()).events)).toEqual(['damagedPages']);
    },
  );

  it('that is damaged in an index gets the index rebuilt', async () => {
    const { store } = await open();
    await store.documents.createWithText(emptyDocument(recordOf(plan)));
    await store.log.append(batchOf(plan, 1, 3));
    await store.close();
    const { page = 0 } = pagesOf(directory).find(({ owner }) => owner === 'sqlite_autoindex_batches_1') ?? {}; // prettier-ignore
    flip(at(DATABASE_FILE), page * 4096 - 3);
    const { store: again, events } = await open();
    expect(events).toMatchObject([{ type: 'repaired', message: expect.stringMatching(/index sqlite_autoindex_batches_1/) as unknown }]); // prettier-ignore
    expect(await again.log.headVersion(plan)).toBe(3);
  });

  it('that is missing beside its log or checksums is not created anew', async () => {
    const { copy } = await killedAfterEdits();
    rmSync(at(DATABASE_FILE, copy));
    await expect(open(copy)).rejects.toThrow(
      /concord\.sqlite is missing or empty.*concord restore/,
    );
    writeFileSync(at(DATABASE_FILE, copy), '');
    await expect(open(copy)).rejects.toThrow(/concord\.sqlite is missing or empty/);
    expect(existsSync(at(LOG, copy))).toBe(true);
  });

  it('whose checksums are missing or damaged gets them recomputed, which is reported', async () => {
    const { store } = await open();
    await store.people.setName('ann', 'Ann');
    await store.close();
    flip(at(SUMS), 30);
    const first = await open();
    expect(kinds(first.events)).toEqual(['new companion']);
    expect(first.store.historyId).toBe(store.historyId);
    await first.store.close();
    rmSync(at(SUMS));
    rmSync(at('incidents'), { recursive: true });
    expect(kinds((await open()).events)).toEqual(['new companion']);
  });

  it('keeps its checksums consistent across repeated checkpoints of the log', async () => {
    const { store, events } = await open();
    const long = 'x'.repeat(60_000);
    const documents = Array.from({ length: 12 }, (_, i) => documentId(`long-${i}-`));
    // Some 20 pages each time, so that the log is checkpointed twice meanwhile.
    for (let version = 1; version <= 40; version += 1) {
      await Promise.all(
        documents.map((id) => {
          const { operations, ...batch } = batchOf(id, version);
          return store.log.append({
            ...batch,
            operations: operations.map((each) => ({ ...each, op: [long] })),
          });
        }),
      );
    }
    const copy = killed();
    await store.close();
    expect(events).toEqual([]);
    expect(statSync(at(DATABASE_FILE)).size).toBeGreaterThan(4096 * 4_000);
    for (const where of [copy, directory]) {
      const again = await open(where);
      expect(again.events).toEqual([]);
      expect(await again.store.log.headVersion(documents[0] ?? plan)).toBe(40);
    }
  });

  it('and the files beside it are readable by their owner only, whatever the directory allows', async () => {
    chmodSync(directory, 0o755);
    const { store } = await open();
    await store.people.setName('ann', 'Ann');
    await store.close();
    chmodSync(at(DATABASE_FILE), 0o644);
    await open();
    for (const file of readdirSync(directory)) {
      expect([file, statSync(at(file)).mode & 0o777]).toEqual([file, 0o600]);
    }
  });
});

describe('files that disappear while the server runs', () => {
  const disappear: readonly [string, () => void][] = [
    ['the directory is removed', () => rmSync(directory, { recursive: true })],
    ['the database is deleted', () => rmSync(at(DATABASE_FILE))],
    ['the database is replaced', () => {
      copyFileSync(at(DATABASE_FILE), at('copy'));
      renameSync(at('copy'), at(DATABASE_FILE));
    }],
    ['the log is deleted', () => rmSync(at(LOG))],
  ]; // prettier-ignore

  it.each(disappear)('stop acknowledgements when %s', async (_what, remove) => {
    const { store } = await open();
    await store.log.append(batchOf(plan, 1));
    remove();
    const outcome: unknown = await store.log
      .append(batchOf(plan, 2))
      .catch((error: unknown) => error);
    expect(outcome).toBeInstanceOf(StoreError);
    expect(outcome).toMatchObject({ fatal: true });
    expect(String(outcome)).toMatch(/removed or replaced while the server ran/);
    await expect(store.log.append(batchOf(plan, 3))).rejects.toThrow(StoreError);
  });

  it('stop acknowledgements soon after the directory is moved away, without loss', async () => {
    const { store } = await open();
    renameSync(directory, join(root, 'elsewhere'));
    let version = 1;
    const outcome = await vi.waitFor(async () => {
      const refused = await store.log.append(batchOf(plan, version)).catch((error: unknown) => error); // prettier-ignore
      if (refused === undefined) version += 1;
      expect(refused).toBeInstanceOf(StoreError);
      return refused;
    });
    expect(outcome).toMatchObject({ fatal: true });
    expect(String(outcome)).toMatch(/removed or replaced while the server ran/);
  });

  it('are detected while no writes come', async () => {
    const { store, events } = await open();
    await store.log.append(batchOf(plan, 1));
    renameSync(directory, join(root, 'elsewhere'));
    await vi.waitFor(() => expect(events.map(({ type }) => type)).toEqual(['failed']), 20_000);
  });

  it('lose nothing when it is the log: it is checkpointed into the database before the server ends', async () => {
    const { store } = await open();
    for (let version = 1; version <= 5; version += 1)
      await store.log.append(batchOf(plan, version));
    rmSync(at(LOG));
    await expect(store.log.append(batchOf(plan, 6))).rejects.toThrow(/write-ahead log was removed/);
    const again = await open(killed());
    expect(incidents(again.events)).toEqual([]);
    expect(await again.store.log.headVersion(plan)).toBeGreaterThanOrEqual(5);
  });
});
