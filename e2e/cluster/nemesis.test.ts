/**
 * Processes under faults: nodes, their database, nginx, and people who type; then a rolling restart. Nothing that they
 * typed is missing or doubled, and all see the same text.
 *
 * CONCORD_NEMESIS_SECONDS for longer runs with more people, or CONCORD_NEMESIS_PEOPLE; CONCORD_NEMESIS_NODES; CONCORD_SEED
 * to repeat the order of faults; CONCORD_NEMESIS_BALANCING=hash; CONCORD_NEMESIS_LEASE_MS (node.ts).
 */
import { expect, it } from 'vitest';
import { strike } from './nemesis.ts';
import { restartInTurn } from './rolling.ts';
import { CLUSTER_NODES, scene } from './scene.ts';
import { shown, spreadOf } from './statistics.ts';

/** Each kind of fault once. */
const ONE_ROUND = 0;
const seconds = Number(process.env['CONCORD_NEMESIS_SECONDS'] ?? ONE_ROUND);
const balancing = process.env['CONCORD_NEMESIS_BALANCING'] === 'hash' ? 'hash' : 'roundRobin';
const isLong = seconds > ONE_ROUND;
const people = Number(process.env['CONCORD_NEMESIS_PEOPLE'] ?? (isLong ? 50 : 6));

it(
  `${people} people type while nodes and the database fail: every line is there once`,
  { timeout: seconds * 1_000 + 3_600_000 },
  async () => {
    const seed = Number(process.env['CONCORD_SEED'] ?? Date.now() % 100_000);
    console.log(`nemesis: CONCORD_SEED=${seed}, ${CLUSTER_NODES} nodes, ${balancing}`);
    const { cluster, documents, typists, reader, settle, judgeAll, end } = await scene({
      people,
      documents: isLong ? 20 : 4,
      nodes: CLUSTER_NODES,
      balancing,
      seed,
    });
    try {
      console.log(`nemesis: the database is ${cluster.database.name}`);
      await Promise.all(typists.map(({ client }) => client.whenOpen()));
      const failovers = await strike({
        cluster,
        typists,
        seed,
        durationMs: seconds * 1_000,
        // Short of it, a round is over sooner.
        pauseMs: isLong ? 2_500 : 1_000,
        documentsOf: ({ name }) => reader.ownedBy(name, documents),
      });
      console.log('nemesis: faults are over');
      const waitsOfRestart = await restartInTurn(cluster, typists);
      await settle();
      const waits = typists.flatMap(({ acknowledgements }) =>
        acknowledgements.map(({ typedAt, acknowledgedAt }) => acknowledgedAt - typedAt),
      );
      const { times, byDocument } = failovers();
      console.log(`nemesis: edits acknowledged: ${shown(spreadOf(waits))}`);
      console.log(`nemesis: failovers, by person: ${shown(spreadOf(times))}`);
      console.log(`nemesis: failovers, by document: ${shown(spreadOf(byDocument))}`);
      console.log(`nemesis: edits during the rolling restart: ${waitsOfRestart()}`);
      expect(waits.length).toBeGreaterThan(people);
      await judgeAll();
    } finally {
      await end();
    }
  },
);
