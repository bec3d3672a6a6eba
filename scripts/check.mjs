/**
 * `npm run check [-- --since COMMIT]`: checks to run before a commit. Types, lint, format, the unit tests that the change
 * can affect, and the first 1,000 seeds of the simulation; then the durations. It builds what the simulation needs, and
 * caches in `.cache`. `npm test` runs everything.
 *
 * The change is everything since the branch left main (or since that commit), committed or not. ESLint's cache tracks
 * files, not the types that they import: an error in an unchanged file shows in `npm test`, which lints without a cache.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { install, root, runSteps, toolAside } from './tools.mjs';
import { Stages } from './stages.mjs';

if (!existsSync(`${root}/node_modules/.bin/vitest`)) runSteps([install]);

const { values } = parseArgs({ options: { since: { type: 'string' } } });
const stages = new Stages();
const compiled = stages.run('Types', () => toolAside('tsc', ['-b']));

/** The merge base with main; the last commit if there is no main, null without Git. */
function base() {
  for (const args of [
    ['merge-base', 'HEAD', 'origin/main'],
    ['merge-base', 'HEAD', 'main'],
  ]) {
    const { status, stdout } = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
    if (status === 0) return stdout.trim();
  }
  const { status } = spawnSync('git', ['rev-parse', 'HEAD'], { cwd: root });
  return status === 0 ? 'HEAD' : null;
}

async function computing() {
  if ((await compiled) === 0) {
    const program = `${root}/packages/simulation/dist/main.js`;
    await stages.run('Simulation, 1,000 seeds', () =>
      toolAside(process.execPath, [program, '--seeds', '1000']),
    );
  } else stages.skip('Simulation, 1,000 seeds', 'the types have errors');
  await stages.run('Format', async () => {
    const { status, output } = await toolAside('prettier', [
      ...['--check', '--log-level', 'warn', '.'],
      ...['--cache', '--cache-location', '.cache/prettier'],
    ]);
    const advice = status === 0 ? '' : '`npm run format` formats all files.\n';
    return { status, output: output + advice };
  });
}

async function checking() {
  await stages.run('Texts', () =>
    toolAside(process.execPath, [`${root}/apps/web/scripts/texts.mjs`, '--check']),
  );
  const since = values.since ?? base();
  const changed = since === null ? [] : ['--changed', since];
  await stages.run('Lint', () =>
    toolAside('eslint', [
      '.',
      ...['--cache', '--cache-strategy', 'content', '--cache-location', '.cache/eslint'],
    ]),
  );
  await stages.run('Unit tests of the change', () =>
    toolAside('vitest', ['run', '--project', 'units', '--passWithNoTests', ...changed]),
  );
}

// Two lanes in parallel, for two processor cores.
await Promise.all([computing(), checking()]);
stages.printTimes();
process.exit(stages.hasFailed ? 1 : 0);
