/**
 * The built server and the unit tests of the packages that browsers and programs share, on Node 24: the server starts,
 * is ready, keeps a document, and stops in order.
 * Exits with 0 on success, 1 on a failure, 77 if it could not be run here (the last line says why).
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findNode24 } from './find-node-24.mjs';
import { root } from './tools.mjs';

const SKIPPED = 77;
const TEXT = 'kept by Node 24\n';

function expectEqual(actual, expected, what) {
  if (actual === expected) return;
  throw new Error(`${what} is ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`);
}

/** Starts the built server, writes and reads a document, and stops it. */
async function smoke(binary) {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'concord-node-24-'));
  const child = spawn(binary, [join(root, 'apps/server/dist/main.js')], {
    env: { PATH: process.env.PATH, PORT: '0', CONCORD_DATA: dataDirectory },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  try {
    const url = await new Promise((resolve, reject) => {
      let output = '';
      child.stdout.on('data', (data) => {
        output += data;
        const found = /Concord is ready: http:\/\/localhost:(\d+)/.exec(output);
        if (found !== null) resolve(`http://127.0.0.1:${found[1]}`);
      });
      void ended.then(([code]) => reject(new Error(`The server ended with ${code}.`)), reject);
    });
    expectEqual((await fetch(`${url}/readyz`)).status, 200, 'the status of /readyz');
    const created = await fetch(`${url}/api/v1/documents`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ anyone: 'editor', text: TEXT }),
    });
    expectEqual(created.status, 201, 'the status of a document that is created');
    const { id } = await created.json();
    expectEqual(await (await fetch(`${url}/d/${id}.md`)).text(), TEXT, 'its text');
    child.kill('SIGTERM');
    expectEqual((await ended)[0], 0, 'the exit code of the server');
  } finally {
    child.kill('SIGKILL');
    rmSync(dataDirectory, { recursive: true, force: true });
  }
}

const { binary, missing } = findNode24();
if (missing !== undefined) {
  console.log(`skipped: Node 24: ${missing}`);
  process.exit(SKIPPED);
}
const { stdout } = spawnSync(binary, ['--version'], { encoding: 'utf8' });
console.log(`The server and packages/{ot,protocol,client} on Node ${stdout.trim()}`);
await smoke(binary);
console.log('The server started, kept a document and stopped.');
const { status } = spawnSync(
  binary,
  [
    join(root, 'node_modules/vitest/vitest.mjs'),
    ...['run', '--project', 'units', '--reporter=default'],
    ...['packages/ot', 'packages/protocol', 'packages/client'],
  ],
  { cwd: root, stdio: 'inherit' },
);
process.exit(status === 0 ? 0 : 1);
