/**
 * `npm test`: installs, builds, lints, and runs every test: units and the simulation, then processes
 * (recorded traces, kill -9, malicious clients), the API by its description, then people in browsers. Ends with the
 * counts.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, install, pnpm, runSteps } from './tools.mjs';

runSteps([
  install,
  ...build,
  ['Checking the sizes of the pages', ['exec', 'node', 'apps/web/scripts/sizes.mjs']],
  ['Linting', ['exec', 'eslint', '.']],
  ['Checking the format', ['exec', 'prettier', '--check', '--log-level', 'warn', '.']],
]);

/** Exit code of a test that cannot be run here, and said why. */
const SKIPPED = 77;
const reports = mkdtempSync(join(tmpdir(), 'concord-reports-'));
let passed = 0;
let failed = 0;
let skipped = 0;

function vitest(project) {
  const report = join(reports, `${project}.json`);
  console.log(`\n> Testing: ${project}`);
  const status = pnpm([
    ...['exec', 'vitest', 'run', '--project', project],
    ...['--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
  ]);
  const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(report));
  passed += numPassedTests;
  // A file that could not be loaded has no tests, and fails all the same.
  failed += Math.max(numFailedTests, status === 0 ? 0 : 1);
  skipped += numPendingTests;
}

function browsers() {
  const report = join(reports, 'browsers.json');
  console.log('\n> Testing: people in browsers');
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

/** Counts as one test. Not everybody has Python; the gate has, and must not pass without it. */
function schemathesis() {
  console.log('\n> Testing: the API by its description (schemathesis)');
  const status = pnpm(['exec', 'node', 'scripts/schemathesis.mjs']);
  const isSkipped = status === SKIPPED && process.env.CONCORD_REQUIRE_SCHEMATHESIS !== '1';
  if (status === 0) passed += 1;
  else if (isSkipped) skipped += 1;
  else failed += 1;
}

try {
  vitest('units');
  vitest('processes');
  schemathesis();
  browsers();
} finally {
  rmSync(reports, { recursive: true, force: true });
}
if (skipped > 0) console.log(`\n${skipped} skipped, each named above with its reason`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
