/** A4: the cores have no clock, no randomness, no timers, no promises and no I/O, or no seed could be replayed. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const files = [
  ...['session', 'buffer', 'replica', 'carets', 'status'].map(
    (name) => `packages/client/src/${name}.ts`,
  ),
  ...[
    'document',
    'clients',
    'sessions',
    'recent-operations',
    'token-bucket',
    'document-messages',
    'rebase',
  ].map((name) => `apps/server/src/document/${name}.ts`),
  'apps/server/src/access/permissions.ts',
  ...readdirSync(join(ROOT, 'packages/ot/src'))
    .filter((name) => !name.includes('test'))
    .map((name) => `packages/ot/src/${name}`),
];
const impure =
  /\b(Date\.now|new Date|performance\.|Math\.random|crypto\.|setTimeout|setInterval|setImmediate|queueMicrotask|Promise\b|async\b|await\b|process\.|console\.|fetch\()/;
const allowedImports =
  /^(\.\/|\.\.\/store\/(store|access-store)\.ts$|\.\.\/access\/permissions\.ts$|@concord\/(ot|protocol)$|ot-text-unicode$|diff$)/;

it.each(files)('%s is pure', (file) => {
  const code = readFileSync(join(ROOT, file), 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\/\/.*$/gm, '');
  expect(impure.exec(code)?.[0]).toBeUndefined();
  for (const [, specifier = ''] of code.matchAll(/\bfrom '([^']+)'/g)) {
    expect(specifier).toMatch(allowedImports);
  }
});
