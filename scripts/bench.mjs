/** `npm run bench -- [options]`: installs, builds, measures; see docs/benchmarks.md. */
import { spawnSync } from 'node:child_process';
import { build, install, root, runSteps } from './tools.mjs';

runSteps([install, ...build]);
const { status } = spawnSync(
  process.execPath,
  [`${root}/packages/bench/dist/main.js`, ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit' },
);
process.exit(status ?? 1);
