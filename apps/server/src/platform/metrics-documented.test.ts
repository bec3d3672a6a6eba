/** The tables of metrics in the manuals name every metric that the server has, and no other. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ServerMetrics } from './metrics.ts';
import { registeredMetricNames } from './test-metric-names.ts';

const DOCS = join(import.meta.dirname, '../../../../docs');
const MANUALS = ['operations.md', 'cluster.md'];

function documentedNames(): ReadonlySet<string> {
  const text = MANUALS.map((name) => readFileSync(join(DOCS, name), 'utf8')).join('\n');
  const rows = text.matchAll(/^\| (`(?:concord|nodejs)_[^|]+)\|/gm);
  const names = [...rows].flatMap(([, cell = '']) => [...cell.matchAll(/`([a-z0-9_]+)/g)]);
  return new Set(names.map(([, name = '']) => name));
}

it('every metric of the server is in a table of the manuals', () => {
  const documented = documentedNames();
  expect([...registeredMetricNames()].filter((name) => !documented.has(name))).toEqual([]);
});

it('every metric in a table of the manuals exists', async () => {
  const registered = registeredMetricNames();
  const ofNode = await new ServerMetrics().text();
  const missing = [...documentedNames()].filter(
    (name) => !registered.has(name) && !ofNode.includes(`# TYPE ${name} `),
  );
  expect(missing).toEqual([]);
});
