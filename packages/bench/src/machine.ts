/** The machine in general terms, and the latency of its disk's syncs, on which durable figures depend. */
import { closeSync, fdatasyncSync, openSync, statfsSync, writeSync } from 'node:fs';
import { availableParallelism, cpus, release, type } from 'node:os';
import { join } from 'node:path';
import { removeDirectory, temporaryDirectory } from './sides.ts';
import { latencyOf } from './statistics.ts';

/** Magic numbers of statfs(2). */
const FILE_SYSTEMS: Readonly<Record<number, string>> = {
  0xef53: 'ext4',
  0x58465342: 'xfs',
  0x9123683e: 'btrfs',
  0x794c7630: 'overlayfs',
  0x2fc12fc1: 'zfs',
};
const TMPFS = 0x01021994;
const SYNCS = 300;

/** The data directory is in memory, where durability would cost nothing. */
export class MemoryDiskError extends Error {
  readonly code = 'memoryDisk';
}

/** Throws MemoryDiskError. */
export function describeMachine(dataParent: string): string[] {
  const fileSystem = statfsSync(dataParent).type;
  if (fileSystem === TMPFS) {
    throw new MemoryDiskError(
      'The data directory would lie in memory (tmpfs), where a sync costs nothing: choose a disk with --data.',
    );
  }
  const model = cpus()[0]?.model.trim() ?? 'unknown';
  return [
    `${availableParallelism()} cores (${model}), ${type()} ${release().split('-')[0]}, Node ${process.version}`,
    `data on ${FILE_SYSTEMS[fileSystem] ?? 'another file system'}`,
  ];
}

/** Latency of a disk sync now, measured before and after a run to show whether the disk was otherwise idle. */
export async function describeDisk(dataParent: string, when: string): Promise<string> {
  const { p50, p99 } = await syncLatency(dataParent);
  return `the disk ${when}: 4 KiB written and synced in p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`;
}

async function syncLatency(dataParent: string): Promise<{ p50: number; p99: number }> {
  const directory = await temporaryDirectory(dataParent);
  const file = openSync(join(directory, 'sync'), 'w');
  const page = Buffer.alloc(4_096, 1);
  const samples: number[] = [];
  for (let sync = 0; sync < SYNCS; sync++) {
    const startedAt = performance.now();
    // Overwrites the same pages, as a write-ahead log does after its first checkpoint.
    writeSync(file, page, 0, page.length, (sync % 64) * page.length);
    fdatasyncSync(file);
    samples.push(performance.now() - startedAt);
  }
  closeSync(file);
  await removeDirectory(directory);
  return latencyOf(samples);
}
