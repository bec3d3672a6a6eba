/** Reads have a connection and a thread of their own: what that promises, and what happens when it breaks. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoreError, type Store } from '../ports/store.ts';
import { batchOf, documentId, emptyDocument, recordOf, renameTo } from '../test-batches.ts';
import { DATABASE_FILE } from './open-database.ts';
import { ReadingThread } from './reading-thread.ts';
import { openSqliteStore } from './sqlite-store.ts';
import { startWorker, type StartedWorker } from './start-worker.ts';

const plan = documentId('plan');

let directory: string;
let store: Store;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'concord-reading-'));
  store = await openSqliteStore(directory, 0);
});
afterEach(async () => {
  await store.close();
  rmSync(directory, { recursive: true });
});

describe('a read', () => {
  it('is answered from the last commit while another is blocked', async () => {
    await store.log.append(batchOf(plan, 1));
    // Holds the lock of writing, so that the next commit cannot even begin.
    const other = new Database(join(directory, DATABASE_FILE));
    other.exec('BEGIN IMMEDIATE');
    const settled: string[] = [];
    const append = store.log.append(batchOf(plan, 2)).finally(() => settled.push('append'));
    expect(await store.log.headVersion(plan)).toBe(1);
    expect(await store.log.read(plan, 0, 10)).toHaveLength(1);
    expect(settled).toEqual([]);
    other.exec('COMMIT');
    other.close();
    await append;
    expect(await store.log.headVersion(plan)).toBe(2);
  });

  it('asked after a write resolved sees it, also when both go on all the time', async () => {
    await store.documents.createWithText(emptyDocument(recordOf(plan)));
    for (let version = 1; version <= 60; version += 1) {
      const reads = [store.log.headVersion(plan), store.documents.get(plan)];
      await store.log.append(batchOf(plan, version));
      expect(await store.log.headVersion(plan)).toBe(version);
      await store.documents.rename(plan, renameTo(`title ${version}`), version);
      expect(await store.documents.get(plan)).toMatchObject({ title: `title ${version}` });
      await Promise.all(reads);
    }
  });

  it('never sees heads go back, however many are asked at once', async () => {
    let last = 0;
    const appending = (async () => {
      for (let version = 1; version <= 100; version += 1) await store.log.append(batchOf(plan, version)); // prettier-ignore
    })();
    for (let round = 0; round < 100; round += 1) {
      const heads = await Promise.all([store.log.headVersion(plan), store.log.headVersion(plan)]);
      for (const head of heads) {
        expect(head).toBeGreaterThanOrEqual(last);
        last = head;
      }
    }
    await appending;
    expect(await store.log.headVersion(plan)).toBe(100);
  });
});

describe('a reading thread', () => {
  let workers: Worker[];
  let thread: ReadingThread;
  beforeEach(() => {
    workers = [];
    thread = new ReadingThread(async () => {
      const started = await startWorker({ role: 'reads', dataDirectory: directory });
      workers.push(started.worker);
      return started;
    });
  });
  afterEach(() => thread.close());
  const head = (): Promise<unknown> =>
    thread.read({ table: 'log', method: 'headVersion', given: [plan] });

  it('cannot write', async () => {
    await store.documents.createWithText(emptyDocument(recordOf(plan)));
    const given = [plan, renameTo('x'), 1];
    const renamed = thread.read({ table: 'documents', method: 'rename', given });
    await expect(renamed).rejects.toThrow(/cannot be read.*(readonly|read-only|query_only)/i);
    expect(await store.documents.get(plan)).toMatchObject(recordOf(plan));
  });

  it('that dies rejects pending reads, is not fatal, and is replaced by the next read', async () => {
    await store.log.append(batchOf(plan, 1, 3));
    expect(await head()).toBe(3);
    const asked = Promise.allSettled([head(), head()]);
    // Not a message: the thread throws outside of what it guards.
    workers[0]?.postMessage(null);
    for (const outcome of await asked) {
      expect(outcome).toMatchObject({ reason: { code: 'storeUnavailable', fatal: false } });
    }
    expect(await Promise.all([head(), head()])).toEqual([3, 3]);
    expect(workers).toHaveLength(2);
  });

  it('that cannot start rejects pending reads, and is started again', async () => {
    const starts: (() => Promise<StartedWorker>)[] = [
      () => Promise.reject(new Error('no memory')),
      () => startWorker({ role: 'reads', dataDirectory: directory }),
    ];
    const other = new ReadingThread(() => (starts.shift() ?? expect.fail())());
    const read = () => other.read({ table: 'log', method: 'headVersion', given: [plan] });
    await expect(read()).rejects.toMatchObject({ message: 'no memory', fatal: false });
    expect(await read()).toBe(0);
    await other.close();
  });

  it('that is closed during its start answers pending reads, and no later ones', async () => {
    const asked = head();
    await thread.close();
    expect(await asked).toBe(0);
    await expect(head()).rejects.toThrow(StoreError);
  });
});
