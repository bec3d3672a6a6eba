/** The results on several nodes as Markdown tables. */
import { milliseconds, percent, ratio, table } from '../table-cells.ts';
import type { Movement } from './moved-documents.ts';
import { HOT_DOCUMENTS, WRITERS_PER_DOCUMENT, type ScalingPoint } from './scaling.ts';

const SCALING_HEADER = [
  'load',
  'nodes',
  'edits/s',
  '÷ one node',
  'acknowledged p50 ms',
  'p99 ms',
  'CPU ms per 1,000 edits: nodes / database',
  'CPU of each node',
  'CPU: database / load',
];
const MOVED_HEADER = ['nodes', 'documents', 'moved', 'share', '1/N', 'needlessly', 'all in place after s']; // prettier-ignore

export function scalingTable(points: readonly ScalingPoint[]): string {
  return [
    `${HOT_DOCUMENTS} documents × ${WRITERS_PER_DOCUMENT} writers, bare clients, connected to all nodes in turn:`,
    table(SCALING_HEADER, points.map(scalingRow)),
  ].join('\n\n');
}

export const movementsTable = (movements: readonly Movement[]): string =>
  table(MOVED_HEADER, movements.map(movedRow));

function scalingRow(point: ScalingPoint, _: number, points: readonly ScalingPoint[]): string[] {
  const one = points.find(({ nodes, load }) => nodes === 1 && load === point.load);
  return [
    point.load,
    String(point.nodes),
    Math.round(point.editsPerSecond).toLocaleString('en'),
    ratio(point.editsPerSecond / (one?.editsPerSecond ?? NaN)),
    milliseconds(point.acknowledged.p50),
    milliseconds(point.acknowledged.p99),
    [point.nodesCpuPer1000Edits, point.databaseCpuPer1000Edits].map((ms) => ms.toFixed(0)).join(' / '), // prettier-ignore
    point.nodeCpu.map(percent).join(', '),
    [point.databaseCpu, point.loadCpu].map(percent).join(' / '),
  ];
}

const movedRow = ({ before, after, documents, moved, needless, ms }: Movement): string[] => [
  `${before} → ${after}`,
  String(documents),
  String(moved),
  percent(moved / documents),
  percent(1 / Math.max(before, after)),
  String(needless),
  (ms / 1_000).toFixed(1),
];
