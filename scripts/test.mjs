/**
 * `npm test`: installs, builds, lints, and runs every test. The tests of browsers and of processes mostly wait: both run
 * from the start, side by side, and all that computes (the simulation, units, the linter) runs beside them at a lower
 * priority, in the time that they leave. Prints the durations and the counts at the end.
 *
 * The simulation takes the most CPU time, and runs on Node 24 if it can be had, which needs 40 % less for the same code.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { playwrightFailures, stageFailure, vitestFailures } from './failures.mjs';
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
/** A text for each failure, printed at the end. */
const failures = [];

/** Of stages that only compute: pages and servers, which people wait for in tests, get the processor before them. */
const COMPUTING = { niceness: 5 };

/** Runs a stage that has no report; its output tells why it failed. */
async function unreported(name, work, options) {
  let told = '';
  const kept = async () => {
    const result = await work();
    told = result.output;
    return result;
  };
  const status = await stages.run(name, kept, options);
  if (status !== 0 && status !== options?.skippedBy) failures.push(stageFailure(name, told));
  return status;
}

async function check(name, args) {
  if ((await unreported(name, () => pnpmAside(args, COMPUTING))) !== 0) failed += 1;
}

/** @param node path of the Node that runs it */
async function vitest(project, { node = process.execPath, ...options } = {}) {
  const report = join(reports, `${project}.json`);
  const on = node === process.execPath ? '' : ' on Node 24';
  const name = `Testing: ${project}${on}`;
  const status = await stages.run(name, () =>
    toolAside(
      node,
      [
        ...[join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--project', project],
        ...['--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
      ],
      options,
    ),
  );
  // A runner that crashed has written no counts; parallel stages go on.
  const counts = existsSync(report) ? JSON.parse(readFileSync(report)) : {};
  const { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0 } = counts;
  passed += numPassedTests;
  // A file that could not be loaded counts as a failure although it has no tests.
  failed += Math.max(numFailedTests, status === 0 ? 0 : 1);
  skipped += numPendingTests;
  failures.push(...named(name, status, vitestFailures(counts)));
}

/**
 * A stage that counts as one test. Its requirements (Python, another Node) may be missing locally, but not in the gate
 * (`isRequired`).
 */
async function ifPossible(name, script, isRequired, ...options) {
  const args = ['exec', 'node', `scripts/${script}`, ...options];
  const status = await unreported(name, () => pnpmAside(args), { skippedBy: SKIPPED });
  if (status === 0) passed += 1;
  else if (status === SKIPPED && !isRequired) skipped += 1;
  else {
    failed += 1;
    if (status === SKIPPED) failures.push(`${name}\n    could not be run, and is required here`);
  }
}

/** Failures with the name of their stage; of a runner that failed and named none, the stage. */
const named = (stage, status, failures) =>
  status !== 0 && failures.length === 0
    ? [`${stage}: the runner ended with ${status}`]
    : failures.map((failure) => `${stage}: ${failure}`);

function findBrowser() {
  if (pnpm(['exec', 'node', 'e2e/find-browser.mjs']) === 0) return true;
  console.log('No Chromium on PATH: installing the one of Playwright.');
  if (pnpm(['exec', 'playwright', 'install', '--with-deps', 'chromium']) === 0) return true;
  console.error('No browser could be installed: put chromium on PATH, and run the tests again.');
  failed += 1;
  return false;
}

/**
 * Without recording traces, which takes a quarter of the processor time of these tests: a test that failed leaves one
 * when it is run again by itself.
 * @param project of e2e/playwright.config.ts
 */
async function browsers(name, project) {
  const report = join(reports, `${project}.json`);
  const args = [
    ...['exec', 'playwright', 'test', '-c', 'e2e', '--trace', 'off'],
    ...['--project', project, '--no-deps'],
  ];
  const env = { ...process.env, CONCORD_E2E_REPORT: report };
  const status = await stages.run(name, () => pnpmAside(args, { env }));
  const told = existsSync(report) ? JSON.parse(readFileSync(report)) : {};
  const { stats = { expected: 0, unexpected: 0, flaky: 0, skipped: 0 } } = told;
  passed += stats.expected;
  failed += Math.max(stats.unexpected + stats.flaky, status === 0 ? 0 : 1);
  skipped += stats.skipped;
  failures.push(...named(name, status, playwrightFailures(told)));
}

/** What runs other programs: a client of the API, databases, load balancers, another Node. */
async function otherPrograms() {
  await ifPossible(
    'Testing: the API by its description (schemathesis)',
    'schemathesis.mjs',
    process.env.CONCORD_REQUIRE_SCHEMATHESIS === '1',
  );
  await ifPossible(
    'Testing: the store on MongoDB',
    'mongodb.mjs',
    process.env.CONCORD_REQUIRE_MONGODB === '1',
  );
  await ifPossible(
    'Testing: a cluster under faults',
    'cluster.mjs',
    process.env.CONCORD_REQUIRE_MONGODB === '1',
    '--short',
  );
  await ifPossible(
    'Checking the alert rules',
    'prometheus.mjs',
    process.env.CONCORD_REQUIRE_PROMTOOL === '1',
  );
  await ifPossible('Testing: Node 24', 'node-24.mjs', process.env.CONCORD_REQUIRE_NODE_24 === '1');
}

async function checks() {
  await check('Linting', ['exec', 'eslint', '.']);
  await check('Checking the texts', ['exec', 'node', 'apps/web/scripts/texts.mjs', '--check']);
  await check('Checking the format', [
    ...['exec', 'prettier', '--check', '--log-level', 'warn', '.'],
  ]);
  await vitest('units', COMPUTING);
}

try {
  const hasBrowser = findBrowser();
  // Milliseconds that are lost when a page dies count: nothing runs beside it.
  if (hasBrowser) await browsers('Testing: a page that dies', 'alone');
  console.log('\nThe other tests run side by side; each stage is shown when it has ended.');
  const people = hasBrowser ? browsers('Testing: people in browsers', 'people') : Promise.resolve();
  // The two take about as long as each other.
  const waiting = [vitest('processes'), people.then(otherPrograms)];
  // Fetching Node 24 may take a while, and blocks: what runs beside it is begun first.
  const computing = [checks(), vitest('simulation', { node: findNode24().binary, ...COMPUTING })];
  await Promise.all([...waiting, ...computing]);
} finally {
  rmSync(reports, { recursive: true, force: true });
}
stages.printTimes();
if (failures.length > 0) console.log(`\nFailed:\n${failures.join('\n')}`);
if (skipped > 0) console.log(`\n${skipped} skipped, each named above with its reason`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
