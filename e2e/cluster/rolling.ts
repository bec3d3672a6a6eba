/** A rolling deployment: every node is drained, ends and starts again, one after the other. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { TestCluster } from './cluster.ts';
import { shown, spreadOf } from './statistics.ts';
import type { Typist } from './typist.ts';

/** Before each node, and after the last one: people type at a cluster that is whole. */
const WHOLE_MS = 2_000;

/** Fails if a node does not end by itself. @returns what tells how long edits waited that were made since it began */
export async function restartInTurn(
  { nodes }: TestCluster,
  typists: readonly Typist[],
): Promise<() => string> {
  const begunAt = performance.now();
  for (const node of nodes) {
    await sleep(WHOLE_MS);
    const stoppedAt = performance.now();
    expect(await node.stop()).toBe(0);
    const tookMs = Math.round(performance.now() - stoppedAt);
    console.log(`rolling restart: ${node.name} stopped in ${tookMs} ms`);
    await node.start();
  }
  await sleep(WHOLE_MS);
  return () => {
    const waits = typists.flatMap(({ acknowledgements }) =>
      acknowledgements
        .filter(({ typedAt }) => typedAt >= begunAt)
        .map(({ typedAt, acknowledgedAt }) => acknowledgedAt - typedAt),
    );
    expect(waits.length).toBeGreaterThan(typists.length);
    return shown(spreadOf(waits));
  };
}
