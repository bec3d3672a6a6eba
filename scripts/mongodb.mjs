/**
 * Tests the MongoDB store over a real connection, at the first of: the server of CONCORD_TEST_MONGODB_URL, a `mongod` on
 * PATH (started as a replica set of one), and SecantusDB (PyPI, in a virtual environment in node_modules/.cache), which
 * speaks the protocol but is another program: it shows nothing about elections, rollback or the loss of power.
 *
 * Exits with 0 on success, 1 on a failure, 77 if it could not be run here (the last line says why, and what to do).
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { root } from './tools.mjs';

const SKIPPED = 77;
const READY_WITHIN_MS = 60_000;
const FILES = join(root, 'scripts/mongodb');
const environmentPath = join(root, 'node_modules/.cache/secantusdb-0.7.0b3');
const { MongoClient } = createRequire(join(root, 'apps/server/package.json'))('mongodb');

function skip(reason) {
  console.log(
    `skipped: the MongoDB store was NOT tested: ${reason}. Set CONCORD_TEST_MONGODB_URL to a server for tests, or put mongod on PATH.`,
  );
  process.exit(SKIPPED);
}

function succeeds(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: 'ignore' });
  return error === undefined && status === 0;
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Creates the virtual environment if it is missing. */
function installSecantusDb() {
  const python = join(environmentPath, 'bin/python');
  if (existsSync(join(environmentPath, 'complete'))) return python;
  rmSync(environmentPath, { recursive: true, force: true });
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  const files = ['--only-binary=:all:', '-r', join(FILES, 'requirements.txt')];
  if (!succeeds('python3', ['-m', 'venv', environmentPath])) skip('python3 makes no environment');
  if (!succeeds(python, [...pip, ...files])) skip('PyPI has no server for this machine');
  succeeds('touch', [join(environmentPath, 'complete')]);
  return python;
}

/** What to start, on a port, with its files in a directory. */
function programOf(port, directory) {
  if (succeeds('mongod', ['--version'])) {
    return {
      name: 'mongod on PATH',
      command: 'mongod',
      args: [
        ...['--dbpath', directory, '--bind_ip', '127.0.0.1', '--port', `${port}`],
        ...['--replSet', 'tests', '--quiet', '--setParameter', 'enableTestCommands=1'],
      ],
      url: `mongodb://127.0.0.1:${port}/?replicaSet=tests`,
      initiate: true,
    };
  }
  return {
    name: 'SecantusDB, a beta that speaks its protocol',
    command: installSecantusDb(),
    args: [
      ...[join(FILES, 'launch-secantusdb.py'), '--host', '127.0.0.1', '--port', `${port}`],
      ...['--storage-path', directory, '--sync-on-commit', '--enable-test-commands'],
      ...['--cache-size', '256M', '--log-level', 'WARNING'],
    ],
    url: `mongodb://127.0.0.1:${port}/?replicaSet=secantus`,
    initiate: false,
  };
}

/** Whether the server accepts writes. A client that could not connect once never does: each question has its own. */
async function isReady({ initiate }, port) {
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`, {
    serverSelectionTimeoutMS: 1_000,
  });
  try {
    const admin = client.db('admin');
    if ((await admin.command({ hello: 1 })).isWritablePrimary) return true;
    const members = [{ _id: 0, host: `127.0.0.1:${port}` }];
    if (initiate) await admin.command({ replSetInitiate: { _id: 'tests', members } });
    return false;
  } catch {
    return false;
  } finally {
    await client.close();
  }
}

async function ready(program, port, child) {
  const until = Date.now() + READY_WITHIN_MS;
  while (!(await isReady(program, port))) {
    if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode}.`);
    if (Date.now() > until) throw new Error('The server does not accept writes.');
    await pause(200);
  }
}

function runTests(url) {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const env = { ...process.env, CONCORD_TEST_MONGODB_URL: url };
  const suites = [
    ['units', 'apps/server/src/store/mongodb'],
    ['processes', 'e2e/process/two-nodes.test.ts'],
  ];
  const statuses = suites.map(([project, files]) => {
    const args = [vitest, 'run', '--project', project, files];
    return spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', env }).status ?? 1;
  });
  return Math.max(...statuses);
}

const given = process.env.CONCORD_TEST_MONGODB_URL ?? '';
if (given !== '') {
  console.log('The MongoDB store is tested at the server of CONCORD_TEST_MONGODB_URL.');
  process.exit(runTests(given) === 0 ? 0 : 1);
}
const directory = mkdtempSync(join(tmpdir(), 'concord-mongodb-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
let status;
let child;
try {
  const port = await freePort();
  const program = programOf(port, directory);
  console.log(`The MongoDB store is tested at ${program.name}.`);
  child = spawn(program.command, program.args, { stdio: ['ignore', 'ignore', 'inherit'] });
  await ready(program, port, child);
  status = runTests(program.url);
} finally {
  if (child !== undefined && child.exitCode === null) {
    const ended = new Promise((resolve) => child.on('exit', resolve));
    child.kill('SIGTERM');
    await Promise.race([ended, pause(10_000).then(() => child.kill('SIGKILL'))]);
  }
}
process.exit(status === 0 ? 0 : 1);
