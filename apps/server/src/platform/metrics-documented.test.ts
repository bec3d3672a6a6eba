/** The table of docs/operations.md, "Monitoring", names every metric that the server has, and no other. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ServerMetrics } from './metrics.ts';
import { registeredMetricNames } from './test-metric-names.ts';

const OPERATIONS = join(import.meta.dirname, '../../../../docs/operations.md');

function documentedNames(): ReadonlySet<string> {
  const rows = readFileSync(OPERATIONS, 'utf8').matchAll(/^\| (`(?:concord|nodejs)_[^|]+)\|/gm);
  const names = [...rows].flatMap(([, cell = '']) => [...cell.matchAll(/`([a-z0-9_]+)/g)]);
  return new Set(names.map(([, name = '']) => name));
}

it('every metric of the server is in the table of the operations manual', () => {
  const documented = documentedNames();
  expect([...registeredMetricNames()].filter((name) => !documented.has(name))).toEqual([]);
});

it('every metric in the table of the operations manual exists', async () => {
  const registered = registeredMetricNames();
  const ofNode = await new ServerMetrics().text();
  const missing = [...documentedNames()].filter(
    (name) => !registered.has(name) && !ofNode.includes(`# TYPE ${name} `),
  );
  expect(missing).toEqual([]);
});
