/** Memory of the server per idle connection. */
import type { BySide, Plan } from './comparison.ts';
import { SIDES } from './comparison.ts';
import { SETTLE_MS, warmedUp } from './idle-job.ts';
import type { SideName } from './load-client.ts';
import { LoadGenerator, RunningServer } from './sides.ts';
import { setTimeout as delay } from 'node:timers/promises';

export interface IdleMemory {
  readonly connections: number;
  /** Growth per connection, bytes: of the process's resident memory, and of V8's heap with its buffers. */
  readonly residentBytes: number;
  readonly heapBytes: number;
}

export async function idleMemory(plan: Plan): Promise<BySide<IdleMemory>> {
  const connections = plan.isQuick ? 500 : 5_000;
  const result: Partial<Record<SideName, IdleMemory>> = {};
  for (const side of SIDES) result[side] = await measure(side, plan, connections);
  return result as BySide<IdleMemory>;
}

async function measure(side: SideName, plan: Plan, connections: number): Promise<IdleMemory> {
  const server = await RunningServer.start(side, plan);
  const load = new LoadGenerator();
  try {
    const job = await warmedUp(load, server, connections);
    const before = await server.memory();
    await load.run(server, 'wire', job);
    await delay(SETTLE_MS);
    const after = await server.memory();
    const memory = {
      connections,
      residentBytes: (after.residentBytes - before.residentBytes) / connections,
      heapBytes: (after.heapBytes - before.heapBytes) / connections,
    };
    plan.log(
      `  ${connections} idle connections, ${side}: ${(memory.residentBytes / 1024).toFixed(1)} KiB resident, ` +
        `${(memory.heapBytes / 1024).toFixed(1)} KiB heap each`,
    );
    return memory;
  } finally {
    await load.stop();
    await server.stop();
  }
}
