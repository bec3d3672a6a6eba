/**
 * Tests a cluster as processes (e2e/cluster): nodes over one database (mongodb/database.mjs), nginx in front, and faults.
 * `--short` for what `npm test` runs: each kind of fault once and a rolling restart, beside people in browsers. Else
 * everything, one after the other, or those tests of processes that are named.
 *
 * Exits with 0 on success, 1 on a failure, 77 if it could not be run here (the last line says why, and what to do).
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { findNginx } from './find-nginx.mjs';
import { findDatabase } from './mongodb/database.mjs';
import { root, toolAside } from './tools.mjs';

const SKIPPED = 77;
/** Of e2e/cluster. The rolling restart is part of the nemesis; the others are run by hand, or before a release. */
const SHORT = ['nemesis', 'link', 'verdict'].map((name) => `e2e/cluster/${name}.test.ts`);

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

const given = process.argv.slice(2);
const isShort = given.includes('--short');
const files = isShort ? SHORT : given;
const processes = [
  ...[join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'cluster'],
  ...['--disableConsoleIntercept', ...files],
];
const playwright = join(root, 'node_modules/.bin/playwright');
const browsers = ['test', '-c', 'e2e', '--trace', 'off', '--project', 'cluster'];

/** Both wait more than they work. */
async function besideEachOther() {
  const results = await Promise.all([
    toolAside(process.execPath, processes),
    toolAside(playwright, browsers),
  ]);
  for (const { output } of results) process.stdout.write(output);
  return results.map(({ status }) => status);
}

const run = (program, args) =>
  spawnSync(program, args, { cwd: root, stdio: 'inherit' }).status ?? 1;
const inTurn = () => [
  run(process.execPath, processes),
  ...(files.length === 0 ? [run(playwright, browsers)] : []),
];

const statuses = isShort ? await besideEachOther() : inTurn();
process.exit(statuses.every((status) => status === 0) ? 0 : 1);
