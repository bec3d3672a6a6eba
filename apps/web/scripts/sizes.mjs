/**
 * What the pages weigh, from the build: gzipped bytes of everything that `/` and the editor load before they can be
 * used. Fails over the budgets, and when the service worker would not have all of it offline.
 *
 *   node apps/web/scripts/sizes.mjs [--json] [directory of the build]
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const directory = positionals[0] ?? fileURLToPath(new URL('../dist/', import.meta.url));
const manifest = JSON.parse(readFileSync(join(directory, '.vite/manifest.json'), 'utf8'));

/** In KB of 1000 bytes, gzipped. Loaded by `import()` where they are named, but always loaded there. */
const routes = [
  { name: 'app shell (/)', budget: 300, entries: ['index.html', 'src/offline/device.ts'] },
  {
    name: 'editor (/d/…)',
    budget: 600,
    entries: ['index.html', 'src/document/document-page.tsx'],
  },
];

/** The chunk whose source ends so. */
function keyOf(source) {
  const key = Object.keys(manifest).find(
    (each) => each === source || manifest[each].src?.endsWith(source),
  );
  if (key === undefined) throw new Error(`The build has no chunk for ${source}`);
  return key;
}

function filesOf(entries) {
  const files = new Set(['index.html']);
  const seen = new Set();
  const add = (key) => {
    if (seen.has(key)) return;
    seen.add(key);
    const { file, css = [], imports = [] } = manifest[key];
    for (const each of [file, ...css]) files.add(each);
    for (const each of imports) add(each);
  };
  for (const entry of entries) add(keyOf(entry));
  return [...files];
}

const precached = new Set(
  [...readFileSync(join(directory, 'sw.js'), 'utf8').matchAll(/url:"([^"]+)"/g)].map(
    ([, url]) => url,
  ),
);

const say = (line) => (values.json ? process.stderr : process.stdout).write(`${line}\n`);
const counted = [];
let isFine = true;
for (const { name, budget, entries } of routes) {
  const files = filesOf(entries);
  const bytes = files.reduce(
    (sum, file) => sum + gzipSync(readFileSync(join(directory, file)), { level: 9 }).length,
    0,
  );
  const missing = files.filter((file) => !precached.has(file));
  counted.push({ name, files: files.length, bytes, budget });
  const kilobytes = bytes / 1000;
  const isSmall = kilobytes < budget;
  say(`${name}: ${kilobytes.toFixed(1)} KB gzip in ${files.length} files, of ${budget} KB`);
  if (!isSmall) say(`${name} is over its budget`);
  if (missing.length > 0) say(`${name} needs the network for ${missing.join(', ')}`);
  isFine &&= isSmall && missing.length === 0;
}
if (values.json) process.stdout.write(`${JSON.stringify(counted)}\n`);
process.exit(isFine ? 0 : 1);
