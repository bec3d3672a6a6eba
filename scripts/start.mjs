/**
 * `npm start [-- --no-build]`: installs, builds, and serves. Configuration comes from the environment; see README.md.
 * The server exits with this program, however it ends: signals are forwarded, and the server notices when the IPC channel
 * closes.
 */
import { spawn } from 'node:child_process';
import { build, install, isOrphan, root, runSteps, whenAbandoned } from './tools.mjs';

if (!process.argv.includes('--no-build')) runSteps([install, ...build]);
// Signals could not be handled during the build.
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
