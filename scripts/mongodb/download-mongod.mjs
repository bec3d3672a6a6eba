/**
 * A `mongod` that mongodb-memory-server downloads from MongoDB's own site and checks, where nothing else can be had. The
 * package is no dependency, since hardly a machine needs it: it is installed into node_modules/.cache, without running its
 * install scripts.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Chooses the version of mongod, too. */
const PACKAGE = 'mongodb-memory-server-core@11.3.0';
const WITHIN_MS = 600_000;
const root = fileURLToPath(new URL('../..', import.meta.url));
const cache = join(root, 'node_modules/.cache', PACKAGE);
/** Holds the path of the program. */
const note = join(cache, 'mongod-path');

/** Prints the path of the program, in a process of its own, since it downloads asynchronously. */
const DOWNLOAD = `
  const { MongoBinary } = require('mongodb-memory-server-core');
  MongoBinary.getPath({ downloadDir: process.argv[1], checkMD5: true }).then(
    (path) => process.stdout.write(path),
    (error) => {
      process.stderr.write(String(error?.message ?? error));
      process.exitCode = 1;
    },
  );
`;

/** Of one that was downloaded before. */
export function downloadedMongod() {
  return readFileSync(note, 'utf8');
}

/** Downloads it if it is missing. Returns why it cannot be had, or null. */
export function downloadMongod() {
  if (existsSync(note) && existsSync(downloadedMongod())) return null;
  mkdirSync(cache, { recursive: true });
  const options = { cwd: cache, encoding: 'utf8', timeout: WITHIN_MS };
  const install = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', cache];
  if (spawnSync('npm', [...install, PACKAGE], options).status !== 0) {
    return 'npm cannot install mongodb-memory-server';
  }
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['-e', DOWNLOAD, join(cache, 'binaries')],
    options,
  );
  if (status === 0) {
    writeFileSync(note, stdout);
    return null;
  }
  const [why = ''] = (stderr ?? '').split('\n');
  return `mongodb-memory-server cannot download mongod (${why.slice(0, 200)})`;
}
