/** The results on MongoDB as Markdown tables. */
import { kindTitle, milliseconds, percent, ratio, table } from '../table-cells.ts';
import { CONTESTANTS, type MongodbPoint, type MongodbResults } from './mongodb-benchmark.ts';

const HEADER = [
  'load',
  'clients',
  '',
  'edits/s',
  'acknowledged p50 ms',
  'p99 ms',
  'visible p50 ms',
  'p99 ms',
  'CPU: server / its event loop / load',
];

export function mongodbTables({ database, commits, points }: MongodbResults): string {
  const commitRows = commits.map(({ inFlight, perSecond, latency }) => [
    String(inFlight),
    perSecond.toFixed(0),
    milliseconds(latency.p50),
    milliseconds(latency.p99),
  ]);
  return [
    `The database is ${database}. A durable insert there (\`w: majority\`, \`j: true\`), with nothing beside it:`,
    table(['at once', 'inserts/s', 'p50 ms', 'p99 ms'], commitRows),
    'One hot document, closed loop:',
    table(HEADER, points.flatMap(rowsOf)),
  ].join('\n\n');
}

function rowsOf({ clients, kind, figures }: MongodbPoint): string[][] {
  const rows = CONTESTANTS.map((name) => {
    const { editsPerSecond, acknowledged, visible, serverCpu, serverLoop, loadCpu } = figures[name];
    return [
      `${clients} clients`,
      kindTitle[kind],
      name,
      editsPerSecond.toFixed(0),
      ...[acknowledged.p50, acknowledged.p99, visible.p50, visible.p99].map(milliseconds),
      [serverCpu, serverLoop, loadCpu].map(percent).join(' / '),
    ];
  });
  const [ours, theirs] = [figures['Concord, MongoDB'], figures['ShareDB, sharedb-mongo']];
  const speed = `**${ratio(ours.editsPerSecond / theirs.editsPerSecond)}**`;
  rows.push(['', '', 'Concord ÷ ShareDB, on MongoDB', speed, '', '', '', '', '']);
  return rows;
}
