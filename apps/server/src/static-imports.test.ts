/** What a server loads at its start, whatever it is used for. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

/** Of imports and exports that exist at run time, and are not made later by import(). */
const SPECIFIER = /^(?:import|export) (?!type\b)(?:[^;]*? from )?'([^']+)'/gm;

/** Packages that the module loads, with its own modules, to any depth. */
function loadedBy(
  file: string,
  seen = new Set<string>(),
  packages = new Set<string>(),
): Set<string> {
  if (seen.has(file)) return packages;
  seen.add(file);
  for (const [, specifier = ''] of readFileSync(file, 'utf8').matchAll(SPECIFIER)) {
    if (specifier.startsWith('.')) loadedBy(resolve(dirname(file), specifier), seen, packages);
    else packages.add(specifier);
  }
  return packages;
}

it('a server over files loads neither the driver of MongoDB nor what exports traces', () => {
  const packages = loadedBy(fileURLToPath(new URL('main.ts', import.meta.url)));
  expect(packages).toContain('socket.io');
  expect([...packages].filter((name) => /^mongodb|^@opentelemetry|^bson/.test(name))).toEqual([]);
});
