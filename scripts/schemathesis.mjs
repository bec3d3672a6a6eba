/**
 * Tests every operation of the built server's API against its OpenAPI document with schemathesis (PyPI), with all its
 * checks. e2e/schemathesis.toml has its configuration and exceptions.
 *
 * It is installed in a virtual environment in node_modules/.cache. Exits with 0 on success, 1 on a failure, 77 if it
 * could not be run here (the last line says why).
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './tools.mjs';

/** Pinned, since versions differ in what they find. */
const VERSION = '4.32.5';
const SKIPPED = 77;
const environmentPath = join(root, 'node_modules/.cache', `schemathesis-${VERSION}`);
const program = join(environmentPath, 'bin/st');

const PASSWORD = 'correct horse battery';
/** Operations that end the session or the account: tested last, with their own session. */
const endings = [
  'signOutHere',
  'signOutSomewhere',
  'signOutEverywhereElse',
  'changePassword',
  'deleteAccount',
];

function skip(reason) {
  console.log(`skipped: schemathesis: ${reason}`);
  process.exit(SKIPPED);
}

/** Creates the virtual environment if it is missing. */
function install() {
  if (existsSync(program)) return;
  const run = (command, args, failure) => {
    const { status, error, stderr } = spawnSync(command, args, { encoding: 'utf8' });
    if (error !== undefined || status !== 0) {
      rmSync(environmentPath, { recursive: true, force: true });
      skip(`${failure} (${(error?.message ?? stderr).trim().split('\n').at(-1)})`);
    }
  };
  run('python3', ['--version'], 'python3 is not there');
  run('python3', ['-m', 'venv', environmentPath], 'python3 makes no virtual environment');
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  run(
    join(environmentPath, 'bin/python'),
    [...pip, `schemathesis==${VERSION}`],
    'PyPI does not answer',
  );
}

/** Starts the built server on a free port, with an empty store. */
async function startServer(dataDirectory) {
  const child = spawn(process.execPath, [join(root, 'apps/server/dist/main.js')], {
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      CONCORD_DATA: dataDirectory,
      CONCORD_LOG_LEVEL: 'error',
      CONCORD_REQUESTS_PER_MINUTE: '10000000',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  const ended = new Promise((resolve) => child.on('close', resolve));
  await new Promise((resolve, reject) => {
    child.stdout.on('data', (data) => {
      said += String(data);
      if (/ready: \S+/.test(said)) resolve();
    });
    ended.then((code) => reject(new Error(`The server ended with ${code}.`)));
  });
  const url = /ready: (\S+)/.exec(said)[1].replace('localhost', '127.0.0.1');
  return {
    url,
    invitation: /sign-up#(\S+)/.exec(said)?.[1],
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

async function ask(url, path, body, headers = {}) {
  const response = await fetch(`${url}/api/v1${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
  return response.json();
}

/** Tests a selection of the operations; resolves with the exit code. */
async function run(url, token, documentId, selection) {
  const args = [
    ...['--config-file', join(root, 'e2e/schemathesis.toml'), '--no-color'],
    ...['run', `${url}/api/v1/openapi.json`, ...selection, '--warnings', 'off'],
  ];
  const child = spawn(program, args, {
    cwd: tmpdir(),
    env: { ...process.env, CONCORD_TOKEN: token, CONCORD_DOCUMENT: documentId },
    stdio: 'inherit',
  });
  return new Promise((resolve) => child.on('close', resolve));
}

install();
const directory = mkdtempSync(join(tmpdir(), 'concord-schemathesis-'));
let isGood;
try {
  const server = await startServer(join(directory, 'data'));
  const { url, invitation } = server;
  const admin = { userName: 'admin', password: PASSWORD, ...(invitation && { invitation }) };
  const { accessToken } = await ask(url, '/accounts', admin);
  const bearer = { authorization: `Bearer ${accessToken}` };
  const { id } = await ask(url, '/documents', { title: 'Asked', text: 'one two three' }, bearer);
  const exclusions = endings.flatMap((name) => ['--exclude-operation-id', name]);
  const inclusions = endings.flatMap((name) => ['--include-operation-id', name]);
  const first = await run(url, accessToken, id, exclusions);
  const other = await ask(url, '/accounts', { userName: 'leaving', password: PASSWORD });
  const second = await run(url, other.accessToken, id, inclusions);
  // A server that crashed meanwhile has another exit code, too.
  const stopped = await server.stop();
  if (stopped !== 0) console.error(`The server ended with ${stopped}.`);
  isGood = first === 0 && second === 0 && stopped === 0;
} finally {
  rmSync(directory, { recursive: true, force: true });
}
console.log(`schemathesis ${VERSION}: ${isGood ? 'everything is as promised' : 'failed'}`);
process.exit(isGood ? 0 : 1);
