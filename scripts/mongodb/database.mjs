/**
 * Starts a MongoDB server for tests and benchmarks: `mongod` as a replica set of one, or SecantusDB, which speaks the
 * protocol but is another program: it shows nothing about elections, rollback or the loss of power.
 */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { downloadedMongod } from './download-mongod.mjs';
import { secantusDbPython } from './install-secantusdb.mjs';
export { findDatabase } from './find-database.mjs';

const READY_WITHIN_MS = 120_000;
const STOPS_WITHIN_MS = 10_000;
const FILES = fileURLToPath(new URL('.', import.meta.url));
const root = join(FILES, '../..');
const { MongoClient } = createRequire(join(root, 'apps/server/package.json'))('mongodb');

export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** What to start, on a port, with its files in a directory. */
function programOf(kind, port, directory) {
  if (kind !== 'secantusdb') {
    return {
      command: kind === 'mongod' ? 'mongod' : downloadedMongod(),
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
    command: secantusDbPython,
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
    pid: child.pid,
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
