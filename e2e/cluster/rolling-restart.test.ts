/**
 * All nodes are restarted in turn, as a rolling deployment does, while people type. Nothing is lost, and how long their
 * typing waited for its acknowledgement is reported.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { CLUSTER_NODES, scene } from './scene.ts';
import { settle } from './nemesis.ts';
import { shown, spreadOf } from './statistics.ts';

const PEOPLE = 12;
const DOCUMENTS = 5;
const SETTLES_WITHIN_MS = 180_000;

it(
  `${PEOPLE} people type while every node is restarted in turn: every line is there once`,
  { timeout: 3_600_000 },
  async () => {
    const { cluster, typists, judgeAll, end } = await scene({
      people: PEOPLE,
      documents: DOCUMENTS,
      nodes: CLUSTER_NODES,
      balancing: 'roundRobin',
      seed: 1,
    });
    try {
      await Promise.all(typists.map(({ client }) => client.whenOpen()));
      const begunAt = performance.now();
      for (const node of cluster.nodes) {
        await sleep(2_000);
        const stoppedAt = performance.now();
        expect(await node.stop()).toBe(0);
        console.log(`rolling restart: ${node.name} stopped in ${sinceOf(stoppedAt)} ms`);
        await node.start();
      }
      await sleep(2_000);
      await settle(typists, SETTLES_WITHIN_MS);
      const waits = typists.flatMap(({ acknowledgements }) =>
        acknowledgements
          .filter(({ typedAt }) => typedAt >= begunAt)
          .map(({ typedAt, acknowledgedAt }) => acknowledgedAt - typedAt),
      );
      console.log(`rolling restart: edits acknowledged: ${shown(spreadOf(waits))}`);
      expect(waits.length).toBeGreaterThan(PEOPLE);
      await judgeAll();
    } finally {
      await end();
    }
  },
);

const sinceOf = (at: number): number => Math.round(performance.now() - at);
