/** Import rules between the folders of the web app: a layered, acyclic graph (ARCHITECTURE.md, "Rooms"). */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, it } from 'vitest';

/** Layers from top to bottom; files outside of folders are `main`. A folder imports itself and those below it. */
const layers = [
  'main',
  'app',
  'document',
  'library',
  'account',
  'sharing',
  'offline',
  'status',
  'editor',
  'merge',
  'people',
  'forms',
  'identity',
  'http',
  'ui',
  'i18n',
  'device',
  'navigation',
];

const ROOT = import.meta.dirname;
const sources = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter(
  (path) => /\.tsx?$/.test(path) && !/(\.test\.tsx?|(^|\/)test-[^/]*)$/.test(path),
);
const folderOf = (path: string): string =>
  path.includes('/') ? (path.split('/')[0] ?? '') : 'main';

interface Import {
  readonly from: string;
  readonly to: string;
}

/** All imports: static, side-effect (style sheets, too) and dynamic. */
const imports: readonly Import[] = sources.flatMap((from) =>
  [...readFileSync(join(ROOT, from), 'utf8').matchAll(/\b(?:from|import) ?\(?\s*'(\.[^']+)'/g)].map(
    ([, specifier = '']) => ({ from, to: normalize(join(dirname(from), specifier)) }),
  ),
);

it('every folder of the web app has its place among the layers', () => {
  expect(new Set(sources.map(folderOf))).toEqual(new Set(layers));
});

it('imports lead down the layers of the web app, so that its folders have no cycles', () => {
  const place = (path: string): number => layers.indexOf(folderOf(path));
  const upwards = imports.filter(({ from, to }) => place(to) < place(from));
  expect(upwards.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
});
