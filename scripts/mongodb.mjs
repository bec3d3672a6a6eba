/**
 * Tests what needs MongoDB (the Vitest project `mongodb`) over a real connection, at the first server that can be had: the
 * one of CONCORD_TEST_MONGODB_URL, a `mongod` on PATH, SecantusDB from PyPI, a `mongod` that is downloaded (mongodb/).
 *
 * Exits with 0 on success, 1 on a failure, 77 if it could not be run here (the last line says why, and what to do).
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startDatabase } from './mongodb/database.mjs';
import { chooseDatabase } from './mongodb/find-database.mjs';
import { root } from './tools.mjs';

const SKIPPED = 77;

function runTests(url) {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const args = [vitest, 'run', '--project', 'mongodb', ...process.argv.slice(2)];
  const env = { ...process.env, CONCORD_TEST_MONGODB_URL: url };
  return spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', env }).status ?? 1;
}

const found = chooseDatabase(process.env.CONCORD_TEST_MONGODB_URL ?? '');
if (found.reason !== undefined) {
  console.log(
    `*** NOT TESTED: the store on MongoDB, and servers that share it: ${found.reason}. Set CONCORD_TEST_MONGODB_URL to a server for tests (mongodb://127.0.0.1:27017/?replicaSet=rs0), or put mongod on PATH. ***`,
  );
  process.exit(SKIPPED);
}
console.log(`The store on MongoDB is tested at ${found.name}.`);
if (found.kind === 'given') process.exit(runTests(found.url) === 0 ? 0 : 1);
const directory = mkdtempSync(join(tmpdir(), 'concord-mongodb-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
const database = await startDatabase(found.kind, directory, await freePort());
const status = runTests(database.url);
await database.stop();
process.exit(status === 0 ? 0 : 1);
