/** `concord migrate` as a person runs it: killed at any moment it goes on, and clients go on with their unsent edits. */
import { connectDocument } from '@concord/client/node';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  cleanEnvironment,
  runProgram,
  seededRandom,
  serverProgram,
  temporaryDirectory,
  TestServer,
  verify,
} from '../support/server.ts';

const databaseServer = process.env['CONCORD_TEST_MONGODB_URL'] ?? null;
let directory: ReturnType<typeof temporaryDirectory>;
let data: string;
beforeEach(() => {
  directory = temporaryDirectory();
  data = join(directory.path, 'data');
});
afterEach(() => directory.remove());

/** What is used of the driver, which is a dependency of the server alone. */
interface Driver {
  readonly MongoClient: new (url: string) => {
    db(name: string): { dropDatabase(): Promise<unknown> };
    close(): Promise<void>;
  };
}

/** Where the server of a test finds its store. */
type Environment = Readonly<Record<'CONCORD_DATA', string>> & { readonly CONCORD_STORE?: string };

function urlOf(database: string): string {
  return (databaseServer ?? '').replace(/^(mongodb:\/\/[^/?]+)\/?/, `$1/${database}`);
}

/** Runs the migration, and kills it after a while. Resolves to its exit code; null when it was killed. */
async function migrateFor(ms: number, from: Environment, to: string): Promise<number | null> {
  const child = spawn(process.execPath, [serverProgram, 'migrate', '--to', to], {
    env: cleanEnvironment(from),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const timer = setTimeout(() => child.kill('SIGKILL'), ms);
  const code = await ended;
  clearTimeout(timer);
  return code;
}

async function migrateWithKills(from: Environment, to: string, seed: number): Promise<number> {
  const random = seededRandom(seed);
  // Longer each time: a machine that is busy must get there as well.
  for (let kills = 0; ; kills += 1) {
    const code = await migrateFor(100 + random(400 * 1.3 ** kills), from, to);
    if (code === null) continue;
    expect(code).toBe(0);
    return kills;
  }
}

async function movesWithPendingEdits(to: string, after: Environment): Promise<void> {
  const before = await TestServer.start({ dataDirectory: data });
  const { id } = await before.createDocument({ title: 'Moved', text: 'one\n' });
  const others = await Promise.all(
    Array.from({ length: 12 }, (_, i) => before.createDocument({ text: `text ${i}\n`.repeat(50) })),
  );
  const client = connectDocument({ url: before.url, documentId: id });
  await client.whenOpen();
  client.insert(0, 'sent ');
  await client.whenSynchronized();
  const { port } = before;
  expect(await before.stop()).toBe(0);
  // Typed while no server runs.
  client.insert(0, 'pending ');
  const kills = await migrateWithKills({ CONCORD_DATA: data }, to, 16);
  process.stderr.write(`migrated to ${to.slice(0, 8)}… after ${kills} kills\n`);
  const store = after.CONCORD_STORE === undefined ? {} : { CONCORD_STORE: after.CONCORD_STORE };
  const again = await TestServer.start({ dataDirectory: after.CONCORD_DATA, port, environment: store }); // prettier-ignore
  await client.whenSynchronized();
  expect(client.text).toBe('pending sent one\n');
  expect(await again.readText(id)).toBe('pending sent one\n');
  client.insert(0, 'later ');
  await client.whenSynchronized();
  expect(await again.readText(id)).toBe('later pending sent one\n');
  for (const [i, other] of others.entries()) {
    expect(await again.readText(other.id)).toBe(`text ${i}\n`.repeat(50));
  }
  await client.close();
  expect(await again.stop()).toBe(0);
}

it('a migration that is killed again and again completes, and a client goes on with what it had not sent', async () => {
  const to = join(directory.path, 'moved');
  await movesWithPendingEdits(`sqlite:${to}`, { CONCORD_DATA: to });
  expect(existsSync(join(to, 'migrating'))).toBe(false);
  expect(await verify(to)).toMatchObject({ code: 0 });
});

it('a server refuses the directory of a migration that was interrupted, and says what to do', async () => {
  const before = await TestServer.start({ dataDirectory: data });
  await before.createDocument({ text: 'one\n' });
  expect(await before.stop()).toBe(0);
  const to = join(directory.path, 'moved');
  let isRefused = false;
  for (let ms = 100; !isRefused && !existsSync(join(to, 'concord.sqlite')); ms += 50) {
    await migrateFor(ms, { CONCORD_DATA: data }, `sqlite:${to}`);
    if (!existsSync(join(to, 'migrating'))) continue;
    const { code, stderr } = await runProgram([], { CONCORD_DATA: to, PORT: '0' });
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringMatching(/an interrupted concord migrate/) as unknown }); // prettier-ignore
    isRefused = true;
  }
  expect(await migrateFor(600_000, { CONCORD_DATA: data }, `sqlite:${to}`)).toBe(0);
});

it('without a destination, or into a place that has documents, one sentence says what is wrong', async () => {
  const before = await TestServer.start({ dataDirectory: data });
  expect(await before.stop()).toBe(0);
  const to = (where: string) => runProgram(['migrate', '--to', where], { CONCORD_DATA: data });
  expect(await to('somewhere')).toMatchObject({ code: 1, stderr: expect.stringMatching(/needs mongodb:\/\//) as unknown }); // prettier-ignore
  expect(await to(`sqlite:${data}`)).toMatchObject({ code: 1, stderr: expect.stringMatching(/is in use|is not empty/) as unknown }); // prettier-ignore
  expect(await runProgram(['migrate'], { CONCORD_DATA: data })).toMatchObject({ code: 2 });
});

describe.skipIf(databaseServer === null)('with MongoDB', () => {
  it('a migration that is killed again and again completes, and a client goes on with what it had not sent', async () => {
    const database = `concord-moved-${process.pid}`;
    const url = urlOf(database);
    const files = join(directory.path, 'control');
    try {
      await movesWithPendingEdits(url, { CONCORD_DATA: files, CONCORD_STORE: url });
      const found = await runProgram(['verify'], { CONCORD_DATA: files, CONCORD_STORE: url });
      expect(found).toMatchObject({ code: 0, stdout: expect.stringMatching(/13 documents verified, 0 faulty/) as unknown }); // prettier-ignore
      const back = join(directory.path, 'back');
      await migrateWithKills({ CONCORD_DATA: files, CONCORD_STORE: url }, `sqlite:${back}`, 17);
      expect(await verify(back)).toMatchObject({ code: 0 });
    } finally {
      const require = createRequire(new URL('../../apps/server/package.json', import.meta.url));
      const { MongoClient } = require('mongodb') as Driver;
      const client = new MongoClient(url);
      await client.db(database).dropDatabase();
      await client.close();
    }
  });
});
