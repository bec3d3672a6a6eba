/** How many documents really move when a node joins or leaves, of those that people have open. */
import type { Plan } from '../comparison.ts';
import type { IdleJob } from '../load-messages.ts';
import { databaseForBench } from '../mongodb/database-for-bench.ts';
import { LoadGenerator } from '../sides.ts';
import { Ownership } from './ownership.ts';
import { RunningCluster } from './running-cluster.ts';

export interface Movement {
  readonly before: number;
  readonly after: number;
  readonly documents: number;
  readonly moved: number;
  /** … between two nodes that were there before and after. */
  readonly needless: number;
  /** From the start of the node, or from its SIGTERM, until every document is where it should be. */
  readonly ms: number;
}

const DOCUMENTS = 400;
const QUICK_DOCUMENTS = 60;
const NODES_MAX = 4;
const QUICK_NODES_MAX = 3;
const DATABASE = 'moving';

/** Nodes join up to the largest number, and leave in the opposite order. One client has each document open meanwhile. */
export async function movedDocuments(plan: Plan): Promise<readonly Movement[]> {
  const documents = plan.isQuick ? QUICK_DOCUMENTS : DOCUMENTS;
  const most = plan.isQuick ? QUICK_NODES_MAX : NODES_MAX;
  const database = await databaseForBench(plan.dataParent);
  const cluster = new RunningCluster(plan, database, DATABASE);
  const load = new LoadGenerator();
  let ownership: Ownership | undefined;
  try {
    await cluster.join();
    ownership = await Ownership.open(database.url(DATABASE));
    const job: IdleJob = {
      kind: 'idle',
      connections: documents,
      perDocument: 1,
      textLength: 1_000,
    };
    const ids = await load.run<readonly string[]>(cluster.target, 'product', job);
    const movements: Movement[] = [];
    let owners = await ownership.placed(ids, 1);
    const step = async (change: () => Promise<void>): Promise<void> => {
      const before = cluster.size;
      const from = performance.now();
      await change();
      const now = (await ownership?.placed(ids, cluster.size)) ?? [];
      const ms = performance.now() - from;
      // The node that joins or leaves is the last by number.
      const changed = `node-${Math.max(before, cluster.size)}`;
      const moves = ids.flatMap((_, index) => {
        const [was = '', is = ''] = [owners[index], now[index]];
        return was === is ? [] : [[was, is]];
      });
      const needless = moves.filter((move) => !move.includes(changed)).length;
      const movement = {
        before,
        after: cluster.size,
        documents,
        moved: moves.length,
        needless,
        ms,
      };
      plan.log(`  ${JSON.stringify(movement)}`);
      movements.push(movement);
      owners = now;
    };
    while (cluster.size < most) await step(() => cluster.join());
    while (cluster.size > 1) await step(() => cluster.leave());
    return movements;
  } finally {
    await load.stop();
    await ownership?.close();
    await cluster.stop();
    await database.stop();
  }
}
