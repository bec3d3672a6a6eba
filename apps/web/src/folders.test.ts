/** The folders of the web app and what they import: from each other in one direction only (ARCHITECTURE.md, "Rooms"). */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, it } from 'vitest';

/** From the top down; what stands in no folder is `main`. A folder imports those below it, and itself. */
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

/** Static, for effect only (style sheets too) and by `import()`. */
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
