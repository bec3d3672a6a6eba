/**
 * `npm run dev [-- --no-install]`: installs, compiles and restarts the server on every change, and serves the web app
 * with hot reload. It prints one address: Vite serves there and proxies requests to the server with the browser's
 * `Host` and `Origin`, so that the server's origin checks apply as in production.
 *
 * `PORT` is the port of that address (5173; not that of `npm start`, whose service worker would answer with the built
 * app). Documents are in `.cache/dev-data`, or in `CONCORD_DATA`; the rest of the configuration is the server's.
 */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { install, root, runSteps, whenAbandoned } from './tools.mjs';

const HOST = process.env.HOST ?? '127.0.0.1';
const PORT = Number(process.env.PORT ?? 5_173);
const web = join(root, 'apps/web');

if (!process.argv.includes('--no-install')) runSteps([install]);

const requireFromRoot = createRequire(join(root, 'package.json'));
const requireFromWeb = createRequire(join(web, 'package.json'));
const { createLogger, createServer } = await import(pathToFileURL(requireFromWeb.resolve('vite')));

/** Port of the server's first start; further starts reuse it, since Vite proxies to it. */
let serverPort = 0;
/** The built server while it runs. */
let server = null;
let isServerReady = false;
let vite = null;
let isEnding = false;

const say = (line) => process.stdout.write(`${line}\n`);

function startServer() {
  const child = spawn(process.execPath, [join(root, 'apps/server/dist/main.js')], {
    cwd: root,
    env: {
      CONCORD_DATA: join(root, '.cache/dev-data'),
      CONCORD_LOG_LEVEL: 'warn',
      ...process.env,
      HOST: '127.0.0.1',
      PORT: String(serverPort),
    },
    // The server exits when the IPC channel closes, however this program ends.
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  server = child;
  let heardAll = Promise.resolve();
  createInterface({ input: child.stdout }).on('line', (line) => {
    heardAll = heardAll.then(() => heard(line));
  });
  child.on('exit', (code) => {
    isServerReady = false;
    server = null;
    if (isEnding || child.isReplaced) return;
    say(`The server ended by itself (${code}). It starts again after the next change.`);
  });
}

/** Prints only Vite's address, and puts it into links that the server prints. */
async function heard(line) {
  const url = /^Concord is ready: (\S+)/.exec(line)?.[1];
  if (url === undefined) {
    say(line.replace(/http:\/\/localhost:\d+/, vite?.resolvedUrls?.local[0]?.slice(0, -1) ?? '$&'));
    return;
  }
  serverPort = Number(new URL(url).port);
  isServerReady = true;
  if (vite === null) await startVite();
  else say('The server was started again.');
}

async function startVite() {
  const logger = createLogger('warn');
  // Pages retry by themselves; that the server is down while it restarts is not logged.
  const error = logger.error.bind(logger);
  logger.error = (message, options) => {
    if (isServerReady || !message.includes('proxy error')) error(message, options);
  };
  // `changeOrigin` and `rewriteWsOrigin` stay off: Host and Origin arrive as the browser sent them.
  const target = { target: `http://127.0.0.1:${serverPort}`, changeOrigin: false };
  vite = await createServer({
    root: web,
    customLogger: logger,
    clearScreen: false,
    server: {
      host: HOST,
      port: PORT,
      strictPort: process.env.PORT !== undefined,
      proxy: {
        '/api': target,
        '^/d/[^/?]+\\.md(?:\\?|$)': target,
        '^/(?:livez|readyz|metrics)(?:\\?|$)': target,
        '/socket.io': { ...target, ws: true },
      },
    },
  });
  await vite.listen();
  const [local, network] = [vite.resolvedUrls.local[0], vite.resolvedUrls.network[0]];
  say(`Concord is ready for development: ${local ?? network}`);
}

/** After a build without errors. */
function built() {
  if (server === null) startServer();
  else if (!server.isReplaced) {
    // If another build ends while the old server still stops, that build is started.
    server.isReplaced = true;
    server.once('exit', () => !isEnding && startServer());
    server.kill('SIGTERM');
  }
}

const tsc = join(requireFromRoot.resolve('typescript/package.json'), '../bin/tsc');
const compiler = spawn(
  process.execPath,
  [tsc, '-b', 'apps/server', '--watch', '--preserveWatchOutput'],
  { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
);
createInterface({ input: compiler.stdout }).on('line', (line) => {
  const errors = /Found (\d+) errors?\. Watching for file changes/.exec(line)?.[1];
  if (errors === '0') built();
  else if (/ - /.test(line) && errors === undefined) return;
  else if (line.trim() !== '') say(line);
});
compiler.on('exit', (code) => {
  if (!isEnding) void end(code ?? 1);
});

/** Stops all child processes, then this program. */
async function end(code) {
  if (isEnding) return;
  isEnding = true;
  compiler.kill('SIGTERM');
  const stopped = server === null ? undefined : new Promise((done) => server.once('exit', done));
  server?.kill('SIGTERM');
  await Promise.all([stopped, vite?.close()]);
  process.exit(code);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void end(0));
whenAbandoned(() => void end(0));
