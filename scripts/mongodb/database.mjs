/**
 * A MongoDB server for tests and benchmarks: `mongod` on PATH (started as a replica set of one), or SecantusDB (PyPI, in
 * a virtual environment in node_modules/.cache), which speaks the protocol but is another program: it shows nothing about
 * elections, rollback or the loss of power.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const READY_WITHIN_MS = 120_000;
const STOPS_WITHIN_MS = 10_000;
const FILES = fileURLToPath(new URL('.', import.meta.url));
const root = join(FILES, '../..');
const environmentPath = join(root, 'node_modules/.cache/secantusdb-0.7.0b3');
const { MongoClient } = createRequire(join(root, 'apps/server/package.json'))('mongodb');

function succeeds(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: 'ignore' });
  return error === undefined && status === 0;
}

export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Creates the virtual environment if it is missing. Returns why it cannot be, or null. */
function installSecantusDb() {
  const python = join(environmentPath, 'bin/python');
  if (existsSync(join(environmentPath, 'complete'))) return null;
  rmSync(environmentPath, { recursive: true, force: true });
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  const files = ['--only-binary=:all:', '-r', join(FILES, 'requirements.txt')];
  if (!succeeds('python3', ['-m', 'venv', environmentPath])) return 'python3 makes no environment';
  if (!succeeds(python, [...pip, ...files])) return 'PyPI has no server for this machine';
  return succeeds('touch', [join(environmentPath, 'complete')]) ? null : 'the cache is read-only';
}

/** @returns the kind of server that can be started here, installed if need be, or why there is none */
export function findDatabase() {
  if (succeeds('mongod', ['--version'])) return { kind: 'mongod', name: 'mongod on PATH' };
  const reason = installSecantusDb();
  if (reason !== null) return { reason };
  return { kind: 'secantusdb', name: 'SecantusDB, a beta that speaks its protocol' };
}

/** What to start, on a port, with its files in a directory. */
function programOf(kind, port, directory) {
  if (kind === 'mongod') {
    return {
      command: 'mongod',
      args: [
        ...['--dbpath', directory, '--bind_ip', '127.0.0.1', '--port', `${port}`],
        ...['--replSet', 'tests', '--quiet', '--setParameter', 'enableTestCommands=1'],
        ...['--setParameter', 'ttlMonitorSleepSecs=1'],
      ],
      url: `mongodb://127.0.0.1:${port}/?replicaSet=tests`,
      initiate: true,
    };
  }
  return {
    command: join(environmentPath, 'bin/python'),
    args: [
      ...[join(FILES, 'launch-secantusdb.py'), '--host', '127.0.0.1', '--port', `${port}`],
      ...['--storage-path', directory, '--sync-on-commit', '--enable-test-commands'],
      ...['--cache-size', '256M', '--log-level', 'WARNING'],
      ...['--config', join(FILES, 'secantusd.toml')],
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

/**
 * Starts the server, and resolves when it accepts writes.
 * @param kind of {@link findDatabase}
 * @param directory of its files, which must exist
 */
export async function startDatabase(kind, directory, port) {
  const program = programOf(kind, port, directory);
  const child = spawn(program.command, program.args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = new Promise((resolve) => child.on('close', resolve));
  const until = Date.now() + READY_WITHIN_MS;
  while (!(await isReady(program, port))) {
    if (child.exitCode !== null) throw new Error(`The database ended with ${child.exitCode}.`);
    if (Date.now() > until) {
      child.kill('SIGKILL');
      throw new Error('The database does not accept writes.');
    }
    await pause(200);
  }
  return {
    url: program.url,
    port,
    ended,
    signal: (signal) => void child.kill(signal),
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
    stop: async () => {
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      await Promise.race([ended, pause(STOPS_WITHIN_MS, undefined, { ref: false })]);
      child.kill('SIGKILL');
      await ended;
    },
  };
}
