/** Memory of the server per idle connection. */
import type { BySide, Plan } from './comparison.ts';
import { SIDES, TEXT_LENGTH } from './comparison.ts';
import type { SideName } from './load-client.ts';
import type { IdleJob } from './load-messages.ts';
import { LoadGenerator, RunningServer } from './sides.ts';
import { setTimeout as delay } from 'node:timers/promises';

export interface IdleMemory {
  readonly connections: number;
  /** Growth per connection, bytes: of the process's resident memory, and of V8's heap with its buffers. */
  readonly residentBytes: number;
  readonly heapBytes: number;
}

const PER_DOCUMENT = 100;
/** Time for timers and handshakes to settle before memory is read. */
const SETTLE_MS = 5_000;

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
    const job: IdleJob = {
      kind: 'idle',
      connections,
      perDocument: PER_DOCUMENT,
      textLength: TEXT_LENGTH,
    };
    // The first connections load code and caches, which do not count.
    await load.run(server, 'wire', { ...job, connections: 2 * PER_DOCUMENT });
    await load.run(server, 'wire', { kind: 'disconnect' });
    await delay(SETTLE_MS);
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
