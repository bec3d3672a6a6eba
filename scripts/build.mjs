/** `npm run build`: installs and builds everything. */
import { build, install, runSteps } from './tools.mjs';

runSteps([install, ...build]);
