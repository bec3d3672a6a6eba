import { expect, it } from 'vitest';
import { movementsTable, scalingTable } from './cluster-table.ts';

const figures = {
  acknowledged: { p50: 2, p99: 9, samples: 100 },
  nodesCpuPer1000Edits: 300,
  databaseCpuPer1000Edits: 450,
  nodeCpu: [0.5, 0.25],
  databaseCpu: 0.6,
  loadCpu: 0.1,
};

it('throughput of several nodes is compared with that of one under the same load', () => {
  const text = scalingTable([
    { nodes: 1, load: 'fast', ...figures, editsPerSecond: 1_000 },
    { nodes: 1, load: 'paced', ...figures, editsPerSecond: 400 },
    { nodes: 2, load: 'fast', ...figures, editsPerSecond: 1_500 },
    { nodes: 2, load: 'paced', ...figures, editsPerSecond: 400 },
  ]);
  expect(text).toContain('| fast | 2 | 1,500 | 1.50× | 2.00 | 9.00 | 300 / 450 | 50 %, 25 % |');
  expect(text).toContain('| paced | 2 | 400 | 1.00× |');
});

it('documents that moved are shown beside the share that should', () => {
  const movement = { documents: 400, moved: 92, needless: 1, ms: 11_400 };
  const text = movementsTable([{ before: 3, after: 4, ...movement }]);
  expect(text).toContain('| 3 → 4 | 400 | 92 | 23 % | 25 % | 1 | 11.4 |');
});
