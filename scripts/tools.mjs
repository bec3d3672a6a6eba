/** Shared functions of the scripts, which need only Node and npm. */
import { Buffer } from 'node:buffer';
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '');
const { packageManager } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));

/** Runs pnpm in its pinned version; returns the exit code. */
export function pnpm(args, options = {}) {
  const { status } = spawnSync('npx', ['--yes', packageManager, ...args], {
    cwd: root,
    stdio: 'inherit',
    ...options,
  });
  return status ?? 1;
}

/**
 * Runs pnpm in the background; resolves with its exit code and output.
 * @param options.env its environment
 * @param options.niceness from 0, the default, to 19: the higher, the more it leaves the processor to others
 */
export function pnpmAside(args, options) {
  return aside(['npx', '--yes', packageManager, ...args], options);
}

/** Runs an installed tool (or another program, by its path) in the background, as {@link pnpmAside}. */
export function toolAside(tool, args, options) {
  return aside([tool.includes('/') ? tool : `${root}/node_modules/.bin/${tool}`, ...args], options);
}

function aside(command, { env = process.env, niceness = 0 } = {}) {
  const [program, ...args] = niceness > 0 ? ['nice', '-n', `${niceness}`, ...command] : command;
  const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const pieces = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => pieces.push(data));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => {
      resolve({ status: status ?? 1, output: Buffer.concat(pieces).toString() });
    });
  });
}

/** Runs steps in order; a step that fails ends the program with its exit code. */
export function runSteps(steps) {
  for (const [name, args] of steps) {
    console.log(`\n> ${name}`);
    const status = pnpm(args);
    if (status !== 0) {
      console.error(`\n${name} failed.`);
      process.exit(status);
    }
  }
}

// If npm, or the shell that it starts, ends without a signal, this program gets another parent.
const isOfNpm = process.env.npm_lifecycle_event !== undefined;
const parent = process.ppid;

/** Whether the npm that started this program is gone. */
export const isOrphan = () => isOfNpm && process.ppid !== parent;

/** Calls back, perhaps several times, once the npm that started this program is gone. */
export function whenAbandoned(callback) {
  setInterval(() => isOrphan() && callback(), 500).unref();
}

export const install = ['Installing', ['install', '--frozen-lockfile', '--prefer-offline']];
export const build = [
  ['Building', ['exec', 'tsc', '-b']],
  ['Building the web app', ['--filter', '@concord/web', 'build', '--logLevel', 'warn']],
];
