/**
 * Tests a cluster as processes (e2e/cluster): nodes over one database (mongodb/database.mjs), nginx in front, and faults.
 *
 * Exits with 0 on success, 1 on a failure, 77 if it could not be run here (the last line says why, and what to do).
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { findNginx } from './find-nginx.mjs';
import { findDatabase } from './mongodb/database.mjs';
import { root } from './tools.mjs';

const SKIPPED = 77;

function skip(reason) {
  console.log(
    `skipped: the cluster was NOT tested: ${reason}. It needs nginx, and mongod on PATH or python3 with venv.`,
  );
  process.exit(SKIPPED);
}

const { name, reason } = findDatabase();
if (reason !== undefined) skip(reason);
if (findNginx() === undefined) skip('nginx is not installed');
console.log(`The cluster is tested with ${name}.`);
const run = (program, args) =>
  spawnSync(program, args, { cwd: root, stdio: 'inherit' }).status ?? 1;

/** What is given on the command line chooses among the tests of processes. */
const files = process.argv.slice(2);
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const processes = ['run', '--project', 'cluster', '--disableConsoleIntercept', ...files];
let failures = run(process.execPath, [vitest, ...processes]);
if (files.length === 0) {
  const playwright = join(root, 'node_modules/.bin/playwright');
  failures += run(playwright, [...['test', '-c', 'e2e', '--trace', 'off', '--project', 'cluster']]);
}
process.exit(failures === 0 ? 0 : 1);
