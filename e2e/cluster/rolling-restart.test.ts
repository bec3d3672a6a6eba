/**
 * All nodes are restarted in turn, as a rolling deployment does, while people type. Nothing is lost, and how long their
 * typing waited for its acknowledgement is reported. (nemesis.test.ts does it too, after its faults.)
 */
import { it } from 'vitest';
import { restartInTurn } from './rolling.ts';
import { CLUSTER_NODES, scene } from './scene.ts';

const PEOPLE = 12;
const DOCUMENTS = 5;

it(
  `${PEOPLE} people type while every node is restarted in turn: every line is there once`,
  { timeout: 3_600_000 },
  async () => {
    const { cluster, typists, settle, judgeAll, end } = await scene({
      people: PEOPLE,
      documents: DOCUMENTS,
      nodes: CLUSTER_NODES,
      balancing: 'roundRobin',
      seed: 1,
    });
    try {
      await Promise.all(typists.map(({ client }) => client.whenOpen()));
      const waits = await restartInTurn(cluster, typists);
      await settle();
      console.log(`rolling restart: edits acknowledged: ${waits()}`);
      await judgeAll();
    } finally {
      await end();
    }
  },
);
