/** The folders of the server and what they import: from each other in one direction only (ARCHITECTURE.md, "Rooms"). */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, it } from 'vitest';

/** From the top down; what stands in no folder is `main`. A folder imports those below it, and itself. */
const layers = [
  'main',
  'commands',
  'api',
  'realtime',
  'jobs',
  'http',
  'sharing',
  'accounts',
  'cluster',
  'documents',
  'store',
  'access',
  'platform',
];

const ROOT = import.meta.dirname;
const sources = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter(
  (path) => path.endsWith('.ts') && !/(\.test\.ts|(^|\/)test-[^/]*)$/.test(path),
);
const folderOf = (path: string): string =>
  path.includes('/') ? (path.split('/')[0] ?? '') : 'main';

interface Import {
  readonly from: string;
  readonly to: string;
}

const imports: readonly Import[] = sources.flatMap((from) =>
  [...readFileSync(join(ROOT, from), 'utf8').matchAll(/\bfrom '(\.[^']+)'/g)].map(
    ([, specifier = '']) => ({ from, to: normalize(join(dirname(from), specifier)) }),
  ),
);

it('every folder of the server has its place among the layers', () => {
  expect(new Set(sources.map(folderOf))).toEqual(new Set(layers));
});

it('imports lead down the layers of the server, so that its folders have no cycles', () => {
  const place = (path: string): number => layers.indexOf(folderOf(path));
  const upwards = imports.filter(({ from, to }) => place(to) < place(from));
  expect(upwards.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
});

it('routes ask services: none reads or writes the store by itself, and none publishes what changed', () => {
  const by = /\b(store\.\w+\.\w+|\w+\.publish)\(/g;
  const routes = sources.filter((path) => path.startsWith('api/') && path !== 'api/routes.ts');
  expect(routes.length).toBeGreaterThan(10);
  const found = routes.flatMap((path) =>
    [...readFileSync(join(ROOT, path), 'utf8').matchAll(by)].map(([call]) => `${path}: ${call}`),
  );
  expect(found).toEqual([]);
});
