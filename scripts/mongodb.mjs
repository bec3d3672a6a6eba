/**
 * Tests the MongoDB store over a real connection, at the first of: the server of CONCORD_TEST_MONGODB_URL, a `mongod` on
 * PATH, and SecantusDB (mongodb/database.mjs).
 *
 * Exits with 0 on success, 1 on a failure, 77 if it could not be run here (the last line says why, and what to do).
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findDatabase, freePort, startDatabase } from './mongodb/database.mjs';
import { root } from './tools.mjs';

const SKIPPED = 77;

function runTests(url) {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const args = [vitest, 'run', '--project', 'mongodb'];
  const env = { ...process.env, CONCORD_TEST_MONGODB_URL: url };
  return spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', env }).status ?? 1;
}

const given = process.env.CONCORD_TEST_MONGODB_URL ?? '';
if (given !== '') {
  console.log('The MongoDB store is tested at the server of CONCORD_TEST_MONGODB_URL.');
  process.exit(runTests(given) === 0 ? 0 : 1);
}
const found = findDatabase();
if (found.reason !== undefined) {
  console.log(
    `skipped: the MongoDB store was NOT tested: ${found.reason}. Set CONCORD_TEST_MONGODB_URL to a server for tests, or put mongod on PATH.`,
  );
  process.exit(SKIPPED);
}
const directory = mkdtempSync(join(tmpdir(), 'concord-mongodb-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
console.log(`The MongoDB store is tested at ${found.name}.`);
const database = await startDatabase(found.kind, directory, await freePort());
const status = runTests(database.url);
await database.stop();
process.exit(status === 0 ? 0 : 1);
