/** Results as Markdown tables. */
import { movementsTable, scalingTable } from './cluster/cluster-table.ts';
import type { BySide, WritingFigures } from './comparison.ts';
import { MERGE_HEADER, mergeRows } from './merge/merge-table.ts';
import { mongodbTables } from './mongodb/mongodb-table.ts';
import type { Results } from './page.ts';
import type { Strain } from './server-probe.ts';
import { kindTitle, milliseconds, percent, ratio, table } from './table-cells.ts';
import type { WritingPoint } from './writing-benchmarks.ts';

/** All tables of the results, under their headings. */
export function tables(results: Results): string {
  const sections: string[] = [];
  const section = (title: string, body: string): number => sections.push(`### ${title}\n\n${body}`);
  if (results.hot) {
    section('One hot document, closed loop', writingTables(results.hot));
  }
  if (results.documents) section('200 documents × 2 clients', writingTables(results.documents));
  if (results.readers) section('One writer, 500 readers', writingTables(results.readers));
  if (results.open) {
    const rows = results.open.map(({ name, side, kind, latency }) => [
      sideTitle[side],
      name,
      kindTitle[kind],
      milliseconds(latency.p50),
      milliseconds(latency.p99),
    ]);
    const header = ['', 'document', 'clients', 'p50 ms', 'slowest ms'];
    section('Opening a document with 259,778 edits of history', table(header, rows));
  }
  if (results.memory) {
    const { concord, sharedb } = results.memory;
    const kib = (bytes: number): string => (bytes / 1024).toFixed(1);
    const rows = (
      [
        ['resident memory, KiB', concord.residentBytes, sharedb.residentBytes],
        ['V8 heap and buffers, KiB', concord.heapBytes, sharedb.heapBytes],
      ] as const
    ).map(([name, ours, theirs]) => [name, kib(ours), kib(theirs), ratio(ours / theirs)]);
    section(
      `Memory per idle connection, at ${concord.connections.toLocaleString('en')}`,
      table(['', 'Concord', 'ShareDB', 'Concord ÷ ShareDB'], rows),
    );
  }
  if (results.idle) {
    const { connections, residentBytes, heapBytes, joinsPerSecond, joinCpuMs, idleCpu, stopMs } =
      results.idle;
    section(
      `One node with ${connections.toLocaleString('en')} idle connections`,
      table(IDLE_HEADER, [
        [
          (residentBytes / 1024).toFixed(1),
          (heapBytes / 1024).toFixed(1),
          joinsPerSecond.toFixed(0),
          joinCpuMs.toFixed(2),
          percent(idleCpu),
          (stopMs / 1_000).toFixed(1),
        ],
      ]),
    );
  }
  if (results.merge) {
    section('Merging a long branch', table(MERGE_HEADER, mergeRows(results.merge)));
  }
  if (results.hostile) {
    const { guests, herd } = results.hostile;
    const calm = guests.find((point) => point.guests === 0)?.acknowledged.p99 ?? NaN;
    const rows = guests.map((point) => [
      point.guests === 0 ? 'alone' : `beside ${point.guests} hostile`,
      milliseconds(point.acknowledged.p50),
      milliseconds(point.acknowledged.p99),
      ratio(point.acknowledged.p99 / calm),
      ...strainCells(point.strain),
      `${percent(point.cpu)} / ${percent(point.loop)}`,
    ]);
    const header = ['', 'acknowledged p50 ms', 'p99 ms', '÷ alone', ...STRAIN_HEADER, 'CPU: server / its event loop']; // prettier-ignore
    section('Ten people who type beside hostile guests', table(header, rows));
    section(
      `${herd.readers.toLocaleString('en')} readers of ${herd.operations.toLocaleString('en')} operations at once`,
      table(
        ['all there after s', 'put off, came again', ...STRAIN_HEADER],
        [[(herd.ms / 1_000).toFixed(1), String(herd.putOff), ...strainCells(herd.strain)]],
      ),
    );
  }
  if (results.mongodb) section('On MongoDB', mongodbTables(results.mongodb));
  if (results.scaling) section('On several nodes', scalingTable(results.scaling));
  if (results.movements) {
    section('Documents that move when a node joins or leaves', movementsTable(results.movements));
  }
  if (results.forwarding) {
    const direct = results.forwarding.find(({ way }) => way === 'direct');
    const rows = results.forwarding.map(({ way, p50, p99 }) => [
      ...[way, milliseconds(p50), milliseconds(p99)],
      ...[ratio(p50 / (direct?.p50 ?? NaN)), ratio(p99 / (direct?.p99 ?? NaN))],
    ]);
    const header = ['', 'acknowledged p50 ms', 'p99 ms', 'p50 ÷ direct', 'p99 ÷ direct'];
    section('By a node that does not have the document', table(header, rows));
  }
  if (results.sizes) {
    const rows = results.sizes.map(({ name, files, bytes, budget }) => [
      name,
      (bytes / 1000).toFixed(1),
      String(budget),
      String(files),
    ]);
    section('What a page loads', table(['page', 'KB gzip', 'budget KB', 'files'], rows));
  }
  return sections.join('\n\n');
}

const IDLE_HEADER = [
  'resident memory each, KiB',
  'V8 heap and buffers each, KiB',
  'joins/s',
  'server CPU ms per join',
  'CPU of one core while idle',
  'SIGTERM to exit, s',
];

const STRAIN_HEADER = [
  'worst stall ms',
  'of its own work ms',
  'above 20 ms',
  'largest resident MB',
];

const strainCells = (strain: Strain): string[] => [
  milliseconds(strain.worstStallMs),
  milliseconds(strain.worstTurnMs),
  String(strain.longTurns),
  (strain.residentBytes / 1e6).toFixed(0),
];

const sideTitle = { concord: 'Concord', sharedb: 'ShareDB' } as const;

function writingTables(points: readonly WritingPoint[]): string {
  const speed = points.flatMap(({ name, kind, figures }) =>
    comparisonRows(name, kindTitle[kind], figures),
  );
  const header = [
    'load',
    'clients',
    '',
    'edits/s',
    'acknowledged p50 ms',
    'p99 ms',
    'visible p50 ms',
    'p99 ms',
    'server CPU ms per 1,000 edits',
    'CPU: server / its event loop / load',
  ];
  return table(header, speed);
}

function comparisonRows(
  name: string,
  kind: string,
  { concord, sharedb }: BySide<WritingFigures>,
): string[][] {
  const row = (title: string, figures: WritingFigures): string[] => [
    name,
    kind,
    title,
    Math.round(figures.editsPerSecond).toLocaleString('en'),
    milliseconds(figures.acknowledged.p50),
    milliseconds(figures.acknowledged.p99),
    milliseconds(figures.visible.p50),
    milliseconds(figures.visible.p99),
    figures.serverCpuPer1000Edits.toFixed(0),
    [figures.serverCpu, figures.serverLoop, figures.loadCpu].map(percent).join(' / '),
  ];
  const of = (pick: (figures: WritingFigures) => number): string =>
    `**${ratio(pick(concord) / pick(sharedb))}**`;
  return [
    row('Concord', concord),
    row('ShareDB', sharedb),
    [
      '',
      '',
      'Concord ÷ ShareDB',
      of(({ editsPerSecond }) => editsPerSecond),
      of(({ acknowledged }) => acknowledged.p50),
      of(({ acknowledged }) => acknowledged.p99),
      of(({ visible }) => visible.p50),
      of(({ visible }) => visible.p99),
      of(({ serverCpuPer1000Edits }) => serverCpuPer1000Edits),
      '',
    ],
  ];
}
