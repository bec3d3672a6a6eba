#!/usr/bin/env node
/** `npm run bench`: Concord beside ShareDB, and beside Yjs where branches are merged, in one run. */
import { beforeAndAfter, ratioTable } from './before-after.ts';
import { movedDocuments } from './cluster/moved-documents.ts';
import { scaling } from './cluster/scaling.ts';
import { coldOpen } from './cold-open.ts';
import type { Plan } from './comparison.ts';
import { forwarding } from './forwarding.ts';
import { hostileGuests } from './hostile/hostile.ts';
import { idleMemory } from './idle-memory.ts';
import { idleNode } from './idle-node.ts';
import { describeDisk, describeMachine, MemoryDiskError } from './machine.ts';
import { longBranches } from './merge/merge-benchmark.ts';
import { mongodbBeside } from './mongodb/mongodb-benchmark.ts';
import { OptionsError, readOptions, USAGE, type BenchmarkName } from './options.ts';
import { pageSizes } from './page-sizes.ts';
import { writePage, type Results } from './page.ts';
import { tables } from './tables.ts';
import { hasTrace } from './trace.ts';
import { hotDocument, manyDocuments, manyReaders } from './writing-benchmarks.ts';

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), process.env);
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  const plan: Plan = { ...options, log };
  const machine = describeMachine(options.dataParent);
  machine.push(await describeDisk(options.dataParent, 'before the run'));
  const results: Results = { machine };
  for (const line of machine) log(line);
  if (options.before !== undefined) {
    const ratios = await beforeAndAfter(plan, options.before, options.only, options.clients);
    process.stdout.write(`${ratioTable(ratios)}\n`);
    return;
  }
  const wants = (name: BenchmarkName): boolean => {
    if (options.only.includes(name)) log(`${name}:`);
    return options.only.includes(name);
  };
  if (wants('hot')) results.hot = await hotDocument(plan, options.clients);
  if (wants('documents')) results.documents = await manyDocuments(plan);
  if (wants('readers')) results.readers = await manyReaders(plan);
  const isRecordingThere = (): boolean => {
    const isThere = hasTrace(options.tracesDirectory);
    if (!isThere) log('  left out: automerge-paper.json.gz is not there; say where with --traces');
    return isThere;
  };
  if (wants('open') && isRecordingThere()) results.open = await coldOpen(plan);
  if (wants('memory')) results.memory = await idleMemory(plan);
  if (wants('idle')) results.idle = await idleNode(plan);
  if (wants('merge') && isRecordingThere()) {
    results.merge = await longBranches(plan, options.edits);
  }
  if (wants('hostile')) results.hostile = await hostileGuests(plan);
  if (wants('mongodb')) results.mongodb = await mongodbBeside(plan, options.clients);
  if (wants('nodes')) results.scaling = await scaling(plan);
  if (wants('moves')) results.movements = await movedDocuments(plan);
  if (wants('forwarding')) results.forwarding = await forwarding(plan);
  if (wants('sizes')) results.sizes = pageSizes();
  machine.push(await describeDisk(options.dataParent, 'after the run'));
  log(machine.at(-1) ?? '');
  process.stdout.write(`${tables(results)}\n`);
  if (options.write) log(`written: ${await writePage(results, process.argv.slice(2))}`);
}

main().catch((error: unknown) => {
  const isExpected = error instanceof OptionsError || error instanceof MemoryDiskError;
  const usage = error instanceof OptionsError ? `\n${USAGE}` : '';
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${isExpected ? `${error.message}${usage}` : text}\n`);
  process.exit(1);
});
