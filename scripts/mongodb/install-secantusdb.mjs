/** SecantusDB from PyPI, in a virtual environment in node_modules/.cache. */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FILES = fileURLToPath(new URL('.', import.meta.url));
const environmentPath = join(FILES, '../../node_modules/.cache/secantusdb-0.7.0b3');
export const secantusDbPython = join(environmentPath, 'bin/python');

export function succeeds(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: 'ignore' });
  return error === undefined && status === 0;
}

/** Creates the virtual environment if it is missing. Returns why it cannot be, or null. */
export function installSecantusDb() {
  if (existsSync(join(environmentPath, 'complete'))) return null;
  rmSync(environmentPath, { recursive: true, force: true });
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  const files = ['--only-binary=:all:', '-r', join(FILES, 'requirements.txt')];
  if (!succeeds('python3', ['-m', 'venv', environmentPath])) return 'python3 makes no environment';
  if (!succeeds(secantusDbPython, [...pip, ...files])) return 'PyPI has no server for this machine';
  return succeeds('touch', [join(environmentPath, 'complete')]) ? null : 'the cache is read-only';
}
