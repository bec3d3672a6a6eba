/** The dashboard and the alert rules in deploy/ name metrics that the server has. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ServerMetrics } from './metrics.ts';
import { registeredMetricNames } from './test-metric-names.ts';

const DEPLOY = join(import.meta.dirname, '../../../../deploy');

interface Dashboard {
  readonly panels: readonly {
    readonly id: number;
    readonly title: string;
    readonly gridPos: {
      readonly h: number;
      readonly w: number;
      readonly x: number;
      readonly y: number;
    };
    readonly targets?: readonly { readonly expr: string }[];
  }[];
}

const dashboard = JSON.parse(
  readFileSync(join(DEPLOY, 'grafana/concord.json'), 'utf8'),
) as Dashboard;
const rules = readFileSync(join(DEPLOY, 'prometheus/alerts.yml'), 'utf8');
const queries = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));

/** Histograms are asked for by the names of their series. */
function namesIn(text: string): readonly string[] {
  const names = text.matchAll(/\b((?:concord|nodejs|process)_[a-z0-9_]+[a-z])/g);
  return [...names].map(([, name = '']) => name.replace(/_(bucket|sum|count)$/, ''));
}

async function unknown(names: readonly string[]): Promise<readonly string[]> {
  const registered = registeredMetricNames();
  const ofNode = await new ServerMetrics().text();
  return names.filter((name) => !registered.has(name) && !ofNode.includes(`# TYPE ${name} `));
}

it('every metric of the dashboard exists', async () => {
  const names = queries.flatMap(namesIn);
  expect(names.length).toBeGreaterThan(30);
  expect(await unknown(names)).toEqual([]);
});

it('every metric of the alert rules exists', async () => {
  const names = namesIn(rules);
  expect(names.length).toBeGreaterThan(14);
  expect(await unknown(names)).toEqual([]);
});

it('every alert says what happened, what is safe or to be done, and how urgent it is', () => {
  const alerts = rules.split(/^ {6}- alert: /m).slice(1);
  expect(alerts.length).toBeGreaterThan(10);
  for (const alert of alerts) {
    expect(alert).toMatch(/labels: \{ severity: (page|ticket) \}/);
    expect(alert).toMatch(/summary: '.+'/);
    expect(alert).toMatch(/runbook: (>-\n\s+)?\S.{20}/);
  }
});

it('panels of the dashboard have ids of their own, and do not cover each other', () => {
  const { panels } = dashboard;
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const covered = new Map<string, string>();
  for (const { title, gridPos } of panels) {
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
        expect(covered.get(`${x} ${y}`), `${title} at ${x}, ${y}`).toBeUndefined();
        covered.set(`${x} ${y}`, title);
      }
    }
  }
});
