/** Writes docs/benchmarks.md. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Movement } from './cluster/moved-documents.ts';
import type { ScalingPoint } from './cluster/scaling.ts';
import type { ColdOpen } from './cold-open.ts';
import type { BySide } from './comparison.ts';
import type { ForwardingPoint } from './forwarding.ts';
import type { HostileResults } from './hostile/hostile.ts';
import type { IdleMemory } from './idle-memory.ts';
import type { IdleNode } from './idle-node.ts';
import type { MergePoint } from './merge/merge-benchmark.ts';
import { METHOD } from './method.ts';
import type { MongodbResults } from './mongodb/mongodb-benchmark.ts';
import type { PageSize } from './page-sizes.ts';
import { tables } from './tables.ts';
import type { WritingPoint } from './writing-benchmarks.ts';

/** Results of one run; benchmarks that were not requested are absent. */
export interface Results {
  readonly machine: readonly string[];
  hot?: readonly WritingPoint[];
  documents?: readonly WritingPoint[];
  readers?: readonly WritingPoint[];
  open?: readonly ColdOpen[];
  memory?: BySide<IdleMemory>;
  idle?: IdleNode;
  merge?: readonly MergePoint[];
  hostile?: HostileResults;
  mongodb?: MongodbResults;
  scaling?: readonly ScalingPoint[];
  movements?: readonly Movement[];
  forwarding?: readonly ForwardingPoint[];
  sizes?: readonly PageSize[];
}

/** Comparisons of two commits are written by hand, below what the program writes. */
const BY_HAND = '\n## Before and after';

/** What was written by hand at the end of a page, to be kept when the page is written again. */
export function writtenByHand(page: string): string {
  const start = page.indexOf(BY_HAND);
  return start === -1 ? '' : page.slice(start);
}

/** Returns the path of the page. */
export async function writePage(results: Results, args: readonly string[]): Promise<string> {
  const path = fileURLToPath(new URL('../../../docs/benchmarks.md', import.meta.url));
  const command = ['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' ');
  const byHand = existsSync(path) ? writtenByHand(await readFile(path, 'utf8')) : '';
  const page = `# Benchmarks

Concord beside ShareDB, and beside Yjs where long branches are merged: the same load, one run. Written by the
program; made on
${new Date().toISOString().slice(0, 10)} with

\`\`\`sh
${command}
\`\`\`

${results.machine.map((line) => `- ${line}`).join('\n')}

Read the ratios, not the numbers: another machine gives other numbers.

## Results

${tables(results)}

${METHOD}${byHand}`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, page);
  return path;
}
