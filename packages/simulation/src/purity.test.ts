/**
 * Cores use no clock, randomness, timers, promises or I/O, so that seeds can be replayed. A core is any file in a folder
 * named `core`, and all of `packages/ot`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const isCore = (path: string): boolean =>
  /^(packages\/ot\/src|(packages|apps)\/[^/]+\/src\/(.*\/)?core)\//.test(path);

const files = ['packages', 'apps']
  .flatMap((folder) =>
    readdirSync(join(ROOT, folder)).flatMap((name) => {
      const source = `${folder}/${name}/src`;
      return readdirSync(join(ROOT, source), { recursive: true, encoding: 'utf8' }).map(
        (path) => `${source}/${path}`,
      );
    }),
  )
  .filter(
    (path) => isCore(path) && path.endsWith('.ts') && !/(\.test\.ts|\/test-[^/]*)$/.test(path),
  );

const impure =
  /\b(Date\.now|new Date|performance\.|Math\.random|crypto\.|random[A-Z]\w*Id|setTimeout|setInterval|setImmediate|queueMicrotask|Promise\b|async\b|await\b|process\.|console\.|fetch\()/;
const importedByCores = /^(@concord\/(ot|protocol(\/plain)?)|ot-text-unicode|diff)$/;

it('the purity check finds the core folders of client and server', () => {
  expect(files).toContain('packages/client/src/core/merge.ts');
  expect(files).toContain('packages/client/src/tabs/core/leadership.ts');
  expect(files).toContain('apps/server/src/documents/core/document-owner.ts');
  expect(files.length).toBeGreaterThan(40);
});

it.each(files)('%s uses no clock, randomness, timers, promises or I/O', (file) => {
  const code = readFileSync(join(ROOT, file), 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\/\/.*$/gm, '');
  expect(impure.exec(code)?.[0]).toBeUndefined();
  // Type imports are free; other imports must be of cores and pure libraries.
  const imports = /\b(?:import|export)\s+(?!type\b)[^;]*?\bfrom '([^']+)'/g;
  for (const [, specifier = ''] of code.matchAll(imports)) {
    if (specifier.startsWith('.')) expect(join(file, '..', specifier)).toSatisfy(isCore);
    else expect(specifier).toMatch(importedByCores);
  }
});
