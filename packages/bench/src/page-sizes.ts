/** What a browser loads before a page can be used, from the build of the web app; apps/web/scripts/sizes.mjs counts. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A route of the app: gzipped bytes in so many files, and its budget in KB of 1000 bytes. */
export interface PageSize {
  readonly name: string;
  readonly files: number;
  readonly bytes: number;
  readonly budget: number;
}

/** Throws when the web app is not built, or a route is over its budget or needs the network. */
export function pageSizes(): readonly PageSize[] {
  const script = fileURLToPath(new URL('../../../apps/web/scripts/sizes.mjs', import.meta.url));
  const output = execFileSync(process.execPath, [script, '--json'], { encoding: 'utf8' });
  return JSON.parse(output) as readonly PageSize[];
}
