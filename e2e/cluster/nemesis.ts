/** People type at a cluster while faults strike in a seeded order; afterwards everything that they typed must be there once. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DocumentId } from '@concord/protocol';
import { seededRandom } from '../support/server.ts';
import type { TestCluster } from './cluster.ts';
import { faultsFor, type FaultContext } from './faults.ts';
import type { TestNode } from './node.ts';
import type { Typist } from './typist.ts';

export interface NemesisOptions {
  readonly cluster: TestCluster;
  readonly typists: readonly Typist[];
  readonly seed: number;
  /** Faults begin for so long; each kind strikes at least once, however long that takes. */
  readonly durationMs: number;
  /** Between two faults, on average. */
  readonly pauseMs: number;
  /** Which documents a node owns now. */
  readonly documentsOf: (node: TestNode) => Promise<ReadonlySet<DocumentId>>;
}

interface Kill {
  readonly at: number;
  readonly documents: ReadonlySet<DocumentId>;
}

/** How long a person at a document of a killed node waited, from the kill to the acknowledgement of something typed after it. */
export interface Failovers {
  readonly times: readonly number[];
  /** The longest for any document, by the first of its people who got an acknowledgement. */
  readonly byDocument: readonly number[];
}

/** Strikes until the time is over. @returns what happened, and how long failovers took */
export async function strike(options: NemesisOptions): Promise<() => Failovers> {
  const { cluster, seed, durationMs, pauseMs, documentsOf, typists } = options;
  const random = seededRandom(seed);
  const startedAt = performance.now();
  const kills: Kill[] = [];
  let owned: ReadonlySet<DocumentId> = new Set();
  const context: FaultContext = {
    cluster,
    random,
    tell: (what) => {
      const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
      console.log(`nemesis, ${seconds} s: ${what}`);
    },
    beforeKill: async (node) => {
      owned = await documentsOf(node);
      return owned.size;
    },
    killed: () => kills.push({ at: performance.now(), documents: owned }),
  };
  const faults = [...faultsFor(cluster.nodes.length)];
  for (let round = 0; round === 0 || performance.now() - startedAt < durationMs; round += 1) {
    for (const [name, fault] of shuffled(faults, random)) {
      if (round > 0 && performance.now() - startedAt > durationMs) break;
      await sleep(pauseMs / 2 + random(pauseMs));
      context.tell(name);
      await fault(context);
      await failedOver(kills.at(-1), typists);
    }
  }
  return () => failoversOf(kills, typists);
}

/**
 * A failover is measured apart from the fault that comes next: it waits until people at each document of the killed node
 * have an acknowledgement of something typed since, for so long at most.
 */
const FAILOVER_WITHIN_MS = 20_000;

async function failedOver(kill: Kill | undefined, typists: readonly Typist[]): Promise<void> {
  if (kill === undefined) return;
  const { at, documents } = kill;
  const isBack = ({ acknowledgements }: Typist): boolean =>
    acknowledgements.some(({ typedAt }) => typedAt > at);
  const waiting = (): readonly Typist[] =>
    typists.filter((typist) => documents.has(typist.documentId) && !isBack(typist));
  while (waiting().length > 0 && performance.now() - at < FAILOVER_WITHIN_MS) await sleep(50);
}

function shuffled<T>(items: readonly T[], random: (limit: number) => number): readonly T[] {
  return items
    .map((item) => ({ item, order: random(1_000_000) }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}

function failoversOf(kills: readonly Kill[], typists: readonly Typist[]): Failovers {
  const times: number[] = [];
  const byDocument: number[] = [];
  for (const { at, documents } of kills) {
    for (const documentId of documents) {
      const waits = typists
        .filter((typist) => typist.documentId === documentId)
        .map(({ acknowledgements }) => acknowledgements.find(({ typedAt }) => typedAt > at))
        .flatMap((found) => (found === undefined ? [] : [found.acknowledgedAt - at]));
      times.push(...waits);
      if (waits.length > 0) byDocument.push(Math.min(...waits));
    }
  }
  return { times, byDocument };
}

/**
 * Resolves when all people have stopped, everything is acknowledged, and all of a document see the same version.
 * @param state told when that takes too long
 */
export async function settle(
  typists: readonly Typist[],
  withinMs: number,
  state: () => Promise<string>,
): Promise<void> {
  const until = performance.now() + withinMs;
  const inTime = async (what: string): Promise<void> => {
    if (performance.now() > until) throw new Error(`${what}\n${await state()}`);
    await sleep(50);
  };
  // A typist who takes a line back waits for an acknowledgement first.
  let areTyping = true;
  void Promise.all(typists.map((typist) => typist.stop())).then(() => (areTyping = false));
  while (areTyping) await inTime('People wait for an acknowledgement:');
  while (!isSettled(typists)) await inTime('Not settled:');
}

function isSettled(typists: readonly Typist[]): boolean {
  const versions = new Map<DocumentId, Set<number>>();
  for (const { documentId, client } of typists) {
    if (client.view.unsent > 0 || client.view.status.kind !== 'saved') return false;
    const seen = versions.get(documentId) ?? new Set();
    versions.set(documentId, seen.add(client.view.version));
  }
  return [...versions.values()].every(({ size }) => size === 1);
}
