/** One server with as many idle connections as it may have: memory and processor time of each, joining, and stopping. */
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { Plan } from './comparison.ts';
import { PER_DOCUMENT, SETTLE_MS, warmedUp } from './idle-job.ts';
import { LoadGenerator, RunningServer } from './sides.ts';

export interface IdleNode {
  readonly connections: number;
  /** Growth per connection, bytes: of the process's resident memory, and of V8's heap with its buffers. */
  readonly residentBytes: number;
  readonly heapBytes: number;
  readonly joinsPerSecond: number;
  /** Processor time of all the server's threads for one connection: handshake, snapshot and join. */
  readonly joinCpuMs: number;
  /** Share of one core while nothing happens but heartbeats and checks. */
  readonly idleCpu: number;
  /** From SIGTERM to the end of the process, milliseconds. */
  readonly stopMs: number;
}

const CONNECTIONS = 20_000;
/** Descriptors that both processes need for other things; the server refuses connections from 100 below its limit. */
const OTHER_DESCRIPTORS = 300;
/** Two heartbeats of each connection. */
const IDLE_MS = 50_000;

export async function idleNode(plan: Plan): Promise<IdleNode> {
  const wanted = plan.connections ?? (plan.isQuick ? 500 : CONNECTIONS);
  const connections = Math.min(wanted, connectionsAllowed());
  const server = await RunningServer.start('concord', plan);
  const load = new LoadGenerator();
  try {
    const job = await warmedUp(load, server, connections);
    const before = await server.memory();
    const usedBefore = await server.usage();
    const startedAt = performance.now();
    await load.run(server, 'wire', job);
    const joinedMs = performance.now() - startedAt;
    const usedForJoins = (await server.usage()).cpuMs - usedBefore.cpuMs;
    await delay(SETTLE_MS);
    const after = await server.memory();
    const idleFrom = await server.usage();
    const idleMs = plan.isQuick ? SETTLE_MS : IDLE_MS;
    await delay(idleMs);
    const idleTo = await server.usage();
    const stopAt = performance.now();
    await server.stop();
    const figures = {
      connections,
      residentBytes: (after.residentBytes - before.residentBytes) / connections,
      heapBytes: (after.heapBytes - before.heapBytes) / connections,
      joinsPerSecond: (connections * 1_000) / joinedMs,
      joinCpuMs: usedForJoins / connections,
      idleCpu: (idleTo.cpuMs - idleFrom.cpuMs) / idleMs,
      stopMs: performance.now() - stopAt,
    };
    plan.log(`  ${JSON.stringify(figures)}`);
    return figures;
  } finally {
    await load.stop();
    await server.stop();
  }
}

/** By the limit of open files, which the server and the load inherit; on Linux only. */
function connectionsAllowed(): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
    if (soft === undefined) return CONNECTIONS;
    return Math.floor((Number(soft) - OTHER_DESCRIPTORS) / PER_DOCUMENT) * PER_DOCUMENT;
  } catch {
    return CONNECTIONS;
  }
}
