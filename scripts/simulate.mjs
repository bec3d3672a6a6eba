/** `npm run simulate -- [options]`: installs, builds, simulates; the options are in packages/simulation/src/main.ts. */
import { spawnSync } from 'node:child_process';
import { build, install, root, runSteps } from './tools.mjs';

const [compile] = build;
runSteps([install, compile]);
const { status } = spawnSync(
  process.execPath,
  [`${root}/packages/simulation/dist/main.js`, ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit' },
);
process.exit(status ?? 1);
