/** `npm test`: installs, builds, and runs every test; ends with the counts. */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const { packageManager } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url)));
const run = (...args) =>
  spawnSync('npx', ['--yes', packageManager, ...args], { stdio: 'inherit' }).status ?? 1;

for (const step of [
  ['install', '--frozen-lockfile'],
  ['exec', 'tsc', '-b', 'packages/ot', 'packages/protocol'],
]) {
  const status = run(...step);
  if (status !== 0) process.exit(status);
}
const reportPath = join(tmpdir(), `concord-test-${process.pid}.json`);
const status = run(
  'exec',
  'vitest',
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${reportPath}`,
);
const report = JSON.parse(readFileSync(reportPath, 'utf8'));
rmSync(reportPath);
console.log(`${report.numPassedTests} passed, ${report.numFailedTests} failed`);
process.exit(status);
