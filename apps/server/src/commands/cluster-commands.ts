/** `concord nodes` and `concord drain NODE`, as an administrator runs them, on any machine that reaches the database. */
import { setTimeout as pause } from 'node:timers/promises';
import { OrderError } from '../jobs/control.ts';
import { ConfigError, type Config } from '../platform/config.ts';
import { openCluster } from '../store/open-store.ts';
import type { ClusterMember, ClusterStore } from '../store/ports/cluster-store.ts';

export interface DrainTimes {
  readonly lookEveryMs: number;
  /** Then the command gives up waiting. The request stays. */
  readonly patienceMs: number;
}

const drainTimes: DrainTimes = { lookEveryMs: 500, patienceMs: 120_000 };

/** Rejects with ConfigError when there is no cluster, OrderError, DatabaseOpenError or StoreError. */
export async function nodesCommand(config: Config): Promise<void> {
  await withCluster(config, async (cluster) => {
    for (const line of tableOf(await cluster.members())) say(line);
  });
}

/** As {@link nodesCommand}. Resolves when the node has left the cluster. */
export async function drainCommand(config: Config, node: string): Promise<void> {
  await withCluster(config, (cluster) => drainNode(cluster, node, say));
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function withCluster(
  { databaseUrl }: Config,
  work: (cluster: ClusterStore) => Promise<void>,
): Promise<void> {
  if (databaseUrl === null) {
    throw new ConfigError(
      'There is no cluster: CONCORD_STORE names no database, so that each server is alone with its data directory. ' +
        'Give this command the CONCORD_STORE of the nodes; a server without one is stopped with SIGTERM.',
    );
  }
  const { cluster, close } = await openCluster(
    databaseUrl,
    (line) => void process.stderr.write(`${line}\n`),
  );
  try {
    await work(cluster);
  } finally {
    await close();
  }
}

/** Asks a node to drain, and tells how it goes on until its lease is over. Rejects with OrderError. */
export async function drainNode(
  cluster: ClusterStore,
  node: string,
  tell: (line: string) => void,
  { lookEveryMs, patienceMs }: DrainTimes = drainTimes,
): Promise<void> {
  const asked = await cluster.requestDrain(node);
  if (asked.length === 0) throw noSuchNode(node, await cluster.members());
  tell(`Node ${node} is asked to hand its documents over and to leave the cluster.`);
  let told = '';
  const until = performance.now() + patienceMs;
  for (;;) {
    const ofNode = (await cluster.members()).filter((member) => member.node === node);
    const left = ofNode.find(({ leaseId }) => asked.includes(leaseId));
    if (left === undefined) {
      if (ofNode.length > 0) throw joinedAgain(node);
      return tell(`Node ${node} has left the cluster.`);
    }
    const line = `${left.isDraining ? 'It is draining' : 'It has not answered yet'}: ${documentsOf(left)} left.`;
    if (line !== told) tell(line);
    told = line;
    if (performance.now() > until) throw notDrained(left);
    await pause(lookEveryMs);
  }
}

const documentsOf = ({ documents }: ClusterMember): string =>
  documents === 1 ? '1 document' : `${documents} documents`;

function noSuchNode(node: string, members: readonly ClusterMember[]): OrderError {
  const names = [...new Set(members.map((member) => member.node))].sort().join(', ');
  const there =
    names === '' ? 'No node is in the cluster now' : `The nodes of the cluster are: ${names}`;
  return new OrderError(
    `No node ${node} is in the cluster now, so that nothing was done. ${there}.`,
  );
}

const joinedAgain = (node: string): OrderError =>
  new OrderError(
    `Node ${node} left the cluster and has joined it again, after a restart or because it lost the database for a while. ` +
      'No document is lost. Run the command again if it is still to be drained.',
  );

const notDrained = (member: ClusterMember): OrderError =>
  new OrderError(
    `Node ${member.node} still has ${documentsOf(member)}. The request stays, and nothing is lost: look at it with concord nodes, ` +
      'or stop the node with SIGTERM.',
  );

/** A line for each member, by name, under a line of headings. */
export function tableOf(members: readonly ClusterMember[]): readonly string[] {
  if (members.length === 0) return ['No node is in the cluster now.'];
  const rows = [...members]
    .sort((one, other) => (one.node < other.node ? -1 : 1))
    .map((member) => [
      member.node,
      stateOf(member),
      String(member.documents),
      `${(member.renewedAgoMs / 1_000).toFixed(1)} s ago`,
      member.address,
      member.publicUrl ?? '-',
    ]);
  const all = [['NODE', 'STATE', 'DOCUMENTS', 'RENEWED', 'ADDRESS', 'PUBLIC URL'], ...rows];
  const widths = all[0]?.map((_, column) =>
    Math.max(...all.map((row) => row[column]?.length ?? 0)),
  );
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths?.[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function stateOf({ isDraining, isDrainRequested }: ClusterMember): string {
  if (isDraining) return 'draining';
  return isDrainRequested ? 'asked to drain' : 'serving';
}
