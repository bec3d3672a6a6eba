/** What the nemesis does to a cluster: each fault begins, lasts a while, and is over when its promise resolves. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestCluster } from './cluster.ts';
import type { Healing } from './link.ts';
import { leaseMs, type TestNode } from './node.ts';

export interface FaultContext {
  readonly cluster: TestCluster;
  /** Seeded: an integer in [0, limit). */
  readonly random: (limit: number) => number;
  /** Tells what happens, for the report. */
  readonly tell: (what: string) => void;
  /** Called right before a node dies without warning. @returns how many documents of people it owns */
  readonly beforeKill: (node: TestNode) => Promise<number>;
  readonly killed: (node: TestNode) => void;
}

export type Fault = (context: FaultContext) => Promise<void>;

/** A node that does not renew its lease for so long has lost it. */
const longerThanLease = (random: FaultContext['random']): number => leaseMs + 500 + random(3_000);

/** A node that serves; one that is on its way up is left alone. */
function anyNode({ cluster, random }: FaultContext): TestNode | undefined {
  const serving = cluster.nodes.filter(({ server }) => server !== null);
  return serving[random(serving.length)];
}

const healingOf = (random: FaultContext['random']): Healing =>
  random(2) === 0 ? 'arrives' : 'resets';

/** One that owns documents, if any does: else there is no failover. */
async function anyOwner(context: FaultContext): Promise<TestNode | undefined> {
  const any = anyNode(context);
  const serving = context.cluster.nodes.filter((node) => node !== any && node.server !== null);
  for (const node of any === undefined ? [] : [any, ...serving]) {
    if ((await context.beforeKill(node)) > 0) return node;
  }
  return any;
}

const killNode: Fault = async (context) => {
  const node = await anyOwner(context);
  const { random, tell, killed } = context;
  if (node === undefined) return;
  tell(`${node.name}: kill -9`);
  killed(node);
  await node.kill();
  await sleep(random(4_000));
  await node.start();
  tell(`${node.name}: serves again`);
};

const suspendNode: Fault = async (context) => {
  const node = anyNode(context);
  if (node === undefined) return;
  const ms = longerThanLease(context.random);
  context.tell(`${node.name}: SIGSTOP for ${ms} ms`);
  node.suspend();
  await sleep(ms);
  node.resume();
};

const drainNode: Fault = async (context) => {
  const node = anyNode(context);
  if (node === undefined) return;
  context.tell(`${node.name}: SIGTERM`);
  const code = await node.stop();
  context.tell(`${node.name}: ended with ${code}`);
  await sleep(context.random(2_000));
  await node.start();
  context.tell(`${node.name}: serves again`);
};

const killDatabase: Fault = async ({ cluster, random, tell }) => {
  tell('database: kill -9');
  await cluster.database.kill();
  await sleep(random(3_000));
  await cluster.database.restart();
  tell('database: serves again');
};

const suspendDatabase: Fault = async ({ cluster, random, tell }) => {
  const ms = 1_000 + random(3_000);
  tell(`database: SIGSTOP for ${ms} ms`);
  cluster.database.suspend();
  await sleep(ms);
  cluster.database.resume();
};

const cutFromDatabase: Fault = async (context) => {
  const node = anyNode(context);
  if (node === undefined) return;
  const { random, tell } = context;
  const [ms, healing] = [longerThanLease(random), healingOf(random)];
  tell(`${node.name}: cut from the database for ${ms} ms, then what was sent ${healing}`);
  const { toDatabase, from } = node.options;
  toDatabase.cut(from);
  await sleep(ms);
  toDatabase.heal(from, healing);
};

const cutTwoNodes: Fault = async (context) => {
  const { cluster, random, tell } = context;
  const one = anyNode(context);
  const others = cluster.nodes.filter((node) => node !== one);
  const other = others[random(others.length)];
  if (one === undefined || other === undefined) return;
  const [ms, healing] = [longerThanLease(random) + 3_000, healingOf(random)];
  tell(`${one.name} and ${other.name}: cut from each other for ${ms} ms, then it ${healing}`);
  one.options.toNode.cut(other.options.from);
  other.options.toNode.cut(one.options.from);
  await sleep(ms);
  one.options.toNode.heal(other.options.from, healing);
  other.options.toNode.heal(one.options.from, healing);
};

/** @returns the faults that a cluster of so many nodes can have, by name */
export function faultsFor(nodes: number): ReadonlyMap<string, Fault> {
  return new Map([
    ['a node is killed', killNode],
    ['a node is suspended', suspendNode],
    ['a node is drained', drainNode],
    ['the database is killed', killDatabase],
    ['the database is suspended', suspendDatabase],
    ['a node is cut from the database', cutFromDatabase],
    ...(nodes > 1 ? [['two nodes are cut from each other', cutTwoNodes] as const] : []),
  ]);
}
