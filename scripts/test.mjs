/**
 * `npm test`: installs, builds, lints, and runs every test. Units and the simulation compute, while tests of processes
 * (recorded traces, kill -9, malicious clients) mostly wait: both run side by side, the second with the linter and the
 * API by its description. Then come people in browsers. Ends with the counts.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { build, install, pnpm, pnpmAside, runSteps } from './tools.mjs';

runSteps([
  install,
  ...build,
  ['Checking the sizes of the pages', ['exec', 'node', 'apps/web/scripts/sizes.mjs']],
]);

/** Exit code of a test that cannot be run here, and said why. */
const SKIPPED = 77;
const reports = mkdtempSync(join(tmpdir(), 'concord-reports-'));
const startedAt = performance.now();
let passed = 0;
let failed = 0;
let skipped = 0;

function announce(name) {
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  console.log(`\n> ${name} (after ${seconds} s)`);
}

/** Runs beside the rest: what it prints is shown at its end, in one piece. */
async function aside(name, args) {
  const { status, output } = await pnpmAside(args);
  announce(name);
  process.stdout.write(output);
  return status;
}

async function check(name, args) {
  if ((await aside(name, args)) !== 0) failed += 1;
}

async function vitest(project) {
  const report = join(reports, `${project}.json`);
  const status = await aside(`Testing: ${project}`, [
    ...['exec', 'vitest', 'run', '--project', project],
    ...['--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
  ]);
  // A runner that broke off has written no counts; what runs beside it goes on.
  const counts = existsSync(report) ? JSON.parse(readFileSync(report)) : {};
  const { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0 } = counts;
  passed += numPassedTests;
  // A file that could not be loaded has no tests, and fails all the same.
  failed += Math.max(numFailedTests, status === 0 ? 0 : 1);
  skipped += numPendingTests;
}

/** Counts as one test. Not everybody has Python; the gate has, and must not pass without it. */
async function schemathesis() {
  const name = 'Testing: the API by its description (schemathesis)';
  const status = await aside(name, ['exec', 'node', 'scripts/schemathesis.mjs']);
  const isSkipped = status === SKIPPED && process.env.CONCORD_REQUIRE_SCHEMATHESIS !== '1';
  if (status === 0) passed += 1;
  else if (isSkipped) skipped += 1;
  else failed += 1;
}

function browsers() {
  const report = join(reports, 'browsers.json');
  announce('Testing: people in browsers');
  const environment = { ...process.env, CONCORD_E2E_REPORT: report };
  if (pnpm(['exec', 'node', 'e2e/find-browser.mjs']) !== 0) {
    console.log('No Chromium on PATH: installing the one of Playwright.');
    if (pnpm(['exec', 'playwright', 'install', '--with-deps', 'chromium']) !== 0) {
      console.error(
        'No browser could be installed: put chromium on PATH, and run the tests again.',
      );
      failed += 1;
      return;
    }
  }
  const status = pnpm(['exec', 'playwright', 'test', '-c', 'e2e'], { env: environment });
  const { stats } = JSON.parse(readFileSync(report));
  passed += stats.expected;
  failed += Math.max(stats.unexpected + stats.flaky, status === 0 ? 0 : 1);
  skipped += stats.skipped;
}

async function besideUnits() {
  await check('Linting', ['exec', 'eslint', '.']);
  await check('Checking the format', [
    ...['exec', 'prettier', '--check', '--log-level', 'warn', '.'],
  ]);
  await vitest('processes');
  await schemathesis();
}

try {
  announce('Testing: units, and processes beside them; each is shown when it has ended');
  await Promise.all([vitest('units'), besideUnits()]);
  browsers();
} finally {
  rmSync(reports, { recursive: true, force: true });
}
announce('Done');
if (skipped > 0) console.log(`\n${skipped} skipped, each named above with its reason`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
