/** For tests: the names of the metrics that the server registers anywhere. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const SERVER = join(import.meta.dirname, '..');

/** Names of cookies have the same beginning. */
const cookies: ReadonlySet<string> = new Set(
  ['device', 'guest', 'read', 'refresh', 'sign_on'].map((name) => `concord_${name}`),
);

/** As they are registered anywhere in the server. */
export function registeredMetricNames(): ReadonlySet<string> {
  const sources = readdirSync(SERVER, { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('.ts') && !/(\.test\.ts|(^|\/)test-[^/]*)$/.test(path),
  );
  const names = sources.flatMap((path) =>
    [...readFileSync(join(SERVER, path), 'utf8').matchAll(/'(concord_[a-z0-9_]+)'/g)].map(
      ([, name = '']) => name,
    ),
  );
  return new Set(names.filter((name) => !cookies.has(name)));
}
