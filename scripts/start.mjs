/**
 * `npm start [-- --no-build]`: installs, builds, and serves. Configuration comes from the environment; see README.md.
 * However this program ends, the server ends with it: signals are passed on, and the server notices when the channel
 * between the two closes.
 */
import { spawn } from 'node:child_process';
import { build, install, root, runSteps } from './tools.mjs';

// npm, or the shell it starts, may end without telling: then this program has another parent.
const isOfNpm = process.env.npm_lifecycle_event !== undefined;
const parent = process.ppid;
const isOrphan = () => isOfNpm && process.ppid !== parent;

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
setInterval(() => isOrphan() && server.kill('SIGTERM'), 500).unref();
server.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));
