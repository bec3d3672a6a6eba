/**
 * `npm start [-- --no-build]`: installs, builds, and serves. Configuration comes from the environment; see README.md.
 * However this program ends, the server ends with it: signals are passed on, and the server notices when the channel
 * between the two closes.
 */
import { spawn } from 'node:child_process';
import { build, install, isOrphan, root, runSteps, whenAbandoned } from './tools.mjs';

if (!process.argv.includes('--no-build')) runSteps([install, ...build]);
// While it was built, signals could not be heard.
if (isOrphan()) process.exit(143);

const server = spawn(process.execPath, [`${root}/apps/server/dist/main.js`], {
  cwd: root,
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
});
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) {
  process.on(signal, () => server.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal));
}
whenAbandoned(() => server.kill('SIGTERM'));
server.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));
