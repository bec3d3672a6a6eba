/**
 * `npm test`: installs, builds, lints, and runs every test. Units and the simulation are CPU-bound, tests of processes
 * (recorded traces, kill -9, malicious clients) mostly wait: both run in parallel, the latter with the linter and
 * schemathesis. Then come the browser tests. Prints the durations and the counts at the end.
 *
 * The simulation takes the most CPU time, and runs on Node 24 if it can be had, which needs 40 % less for the same code.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findNode24 } from './find-node-24.mjs';
import { Stages } from './stages.mjs';
import { build, install, pnpm, pnpmAside, root, toolAside } from './tools.mjs';

const stages = new Stages();
for (const [name, args] of [
  install,
  ...build,
  ['Checking the sizes of the pages', ['exec', 'node', 'apps/web/scripts/sizes.mjs']],
]) {
  if (stages.runAlone(name, () => pnpm(args)) !== 0) process.exit(1);
}

/** Exit code of a stage that cannot be run here and has said why. */
const SKIPPED = 77;
const reports = mkdtempSync(join(tmpdir(), 'concord-reports-'));
let passed = 0;
let failed = 0;
let skipped = 0;

async function check(name, args) {
  if ((await stages.run(name, () => pnpmAside(args))) !== 0) failed += 1;
}

/** @param node path of the Node that runs it */
async function vitest(project, node = process.execPath) {
  const report = join(reports, `${project}.json`);
  const on = node === process.execPath ? '' : ' on Node 24';
  const status = await stages.run(`Testing: ${project}${on}`, () =>
    toolAside(node, [
      ...[join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--project', project],
      ...['--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    ]),
  );
  // A runner that crashed has written no counts; parallel stages go on.
  const counts = existsSync(report) ? JSON.parse(readFileSync(report)) : {};
  const { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0 } = counts;
  passed += numPassedTests;
  // A file that could not be loaded counts as a failure although it has no tests.
  failed += Math.max(numFailedTests, status === 0 ? 0 : 1);
  skipped += numPendingTests;
}

/**
 * A stage that counts as one test. Its requirements (Python, another Node) may be missing locally, but not in the gate
 * (`isRequired`).
 */
async function ifPossible(name, script, isRequired) {
  const args = ['exec', 'node', `scripts/${script}`];
  const status = await stages.run(name, () => pnpmAside(args), { skippedBy: SKIPPED });
  if (status === 0) passed += 1;
  else if (status === SKIPPED && !isRequired) skipped += 1;
  else failed += 1;
}

function browsers() {
  const report = join(reports, 'browsers.json');
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
  const env = { ...process.env, CONCORD_E2E_REPORT: report };
  const status = stages.runAlone('Testing: people in browsers', () =>
    pnpm(['exec', 'playwright', 'test', '-c', 'e2e'], { env }),
  );
  const { stats } = JSON.parse(readFileSync(report));
  passed += stats.expected;
  failed += Math.max(stats.unexpected + stats.flaky, status === 0 ? 0 : 1);
  skipped += stats.skipped;
}

async function computing() {
  await vitest('simulation', findNode24().binary);
  await vitest('units');
}

async function besideComputing() {
  await check('Linting', ['exec', 'eslint', '.']);
  await check('Checking the texts', ['exec', 'node', 'apps/web/scripts/texts.mjs', '--check']);
  await check('Checking the format', [
    ...['exec', 'prettier', '--check', '--log-level', 'warn', '.'],
  ]);
  await vitest('processes');
  await ifPossible(
    'Testing: the API by its description (schemathesis)',
    'schemathesis.mjs',
    process.env.CONCORD_REQUIRE_SCHEMATHESIS === '1',
  );
  await ifPossible('Testing: Node 24', 'node-24.mjs', process.env.CONCORD_REQUIRE_NODE_24 === '1');
}

try {
  console.log(
    '\nTesting: simulation and units, processes beside them; each is shown when it has ended',
  );
  // Fetching Node 24 may take a while, and blocks: what runs beside it is begun first.
  await Promise.all([besideComputing(), computing()]);
  browsers();
} finally {
  rmSync(reports, { recursive: true, force: true });
}
stages.printTimes();
if (skipped > 0) console.log(`\n${skipped} skipped, each named above with its reason`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
