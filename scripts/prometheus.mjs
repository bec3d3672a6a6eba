/**
 * Checks the alert rules of deploy/prometheus, and tests when they fire, with promtool (Debian package `prometheus`).
 * Exits with 0 on success, 1 on a failure, 77 if it could not be run here (the last line says why, and what to do).
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './tools.mjs';

const SKIPPED = 77;
const cwd = join(root, 'deploy/prometheus');

for (const args of [
  ['check', 'rules', 'alerts.yml'],
  ['test', 'rules', 'alerts.test.yml'],
]) {
  const { status, error } = spawnSync('promtool', args, { cwd, stdio: 'inherit' });
  if (error !== undefined) {
    console.log('skipped: the alert rules were NOT checked: install promtool (apt-get install prometheus).'); // prettier-ignore
    process.exit(SKIPPED);
  }
  if (status !== 0) process.exit(1);
}
