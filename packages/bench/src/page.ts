/** Writes docs/benchmarks.md. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ColdOpen } from './cold-open.ts';
import type { BySide } from './comparison.ts';
import type { HostileResults } from './hostile/hostile.ts';
import type { IdleMemory } from './idle-memory.ts';
import type { MergePoint } from './merge/merge-benchmark.ts';
import { METHOD } from './method.ts';
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
  merge?: readonly MergePoint[];
  hostile?: HostileResults;
  sizes?: readonly PageSize[];
}

/** Returns the path of the page. */
export async function writePage(results: Results, args: readonly string[]): Promise<string> {
  const path = fileURLToPath(new URL('../../../docs/benchmarks.md', import.meta.url));
  const command = ['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' ');
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

${METHOD}`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, page);
  return path;
}
