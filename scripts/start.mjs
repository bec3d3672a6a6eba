/** `npm start`: installs, builds, and serves. Configuration comes from the environment; see README.md. */
import { spawn } from 'node:child_process';
import { build, install, root, runSteps } from './tools.mjs';

runSteps([install, ...build]);
const server = spawn(process.execPath, [`${root}/apps/server/dist/main.js`], {
  cwd: root,
  stdio: 'inherit',
});
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) {
  process.on(signal, () => server.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal));
}
server.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));
