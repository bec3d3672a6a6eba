import { beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from '../platform/config.ts';
import { MemoryClusterStore } from '../store/memory/memory-cluster-store.ts';
import { neverOwned, type LeaseRenewal } from '../store/ports/cluster-store.ts';
import { documentId } from '../store/test-batches.ts';
import { drainCommand, drainNode, nodesCommand, tableOf } from './cluster-commands.ts';

const times = { lookEveryMs: 1, patienceMs: 600_000 };
const renewal = (changes: Partial<LeaseRenewal> = {}): LeaseRenewal => ({
  ...{ leaseId: 'a#1', node: 'a', address: 'http://10.0.0.1:8000', publicUrl: null, weight: 1 },
  ...{ number: 1, isDraining: false, mayInsert: true, leaseMs: 600_000 },
  ...changes,
});

let cluster: MemoryClusterStore;
let told: string[];
const own = (name: string) =>
  cluster.swapOwner(documentId(name), neverOwned, { epoch: 1, owner: 'a#1', head: null });
const release = (name: string) =>
  cluster.swapOwner(
    documentId(name),
    { epoch: 1, owner: 'a#1' },
    { epoch: 1, owner: null, head: 0 },
  );

beforeEach(async () => {
  cluster = new MemoryClusterStore();
  told = [];
  await cluster.renewLease(renewal());
});

/** Runs the command; each line that it tells is followed by what the node does then. */
const drain = (node: string, then: (line: string) => Promise<unknown> = async () => {}) =>
  drainNode(
    cluster,
    node,
    (line) => {
      told.push(line);
      void then(line);
    },
    times,
  );

describe('concord drain', () => {
  it('asks the node, and tells how many documents are left until it has left the cluster', async () => {
    await own('plan');
    await own('notes');
    await drain('a', async (line) => {
      if (line.includes('not answered')) {
        expect((await cluster.leases()).drainRequested).toEqual(['a#1']);
        await cluster.renewLease(renewal({ number: 2, isDraining: true }));
      } else if (line.includes('2 documents')) await release('plan');
      else if (line.includes('1 document ')) {
        await release('notes');
        await cluster.endLease('a#1', true);
      }
    });
    expect(told).toEqual([
      'Node a is asked to hand its documents over and to leave the cluster.',
      'It has not answered yet: 2 documents left.',
      'It is draining: 2 documents left.',
      'It is draining: 1 document left.',
      'Node a has left the cluster.',
    ]);
  });

  it('says that there is no such node, and which there are', async () => {
    await cluster.renewLease(renewal({ leaseId: 'b#1', node: 'b' }));
    await expect(drain('c')).rejects.toThrow(/No node c is in the cluster now.*: a, b\./);
    await cluster.endLease('a#1', true);
    await cluster.endLease('b#1', true);
    await expect(drain('c')).rejects.toThrow(/No node is in the cluster now/);
  });

  it('does not tell a node as drained that lost its lease and joined again', async () => {
    const drained = drain('a', async (line) => {
      if (!line.includes('not answered')) return;
      await cluster.renewLease(renewal({ leaseId: 'a#2' }));
      await cluster.endLease('a#1', false);
      await cluster.endLease('a#1', true);
    });
    await expect(drained).rejects.toThrow(/joined it again/);
  });

  it('gives up waiting for a node that does not drain, and says that the request stays', async () => {
    const drained = drainNode(cluster, 'a', () => {}, { lookEveryMs: 1, patienceMs: 5 });
    await expect(drained).rejects.toThrow(/still has 0 documents. The request stays/);
    expect((await cluster.leases()).drainRequested).toEqual(['a#1']);
  });
});

describe('concord nodes', () => {
  it('shows each member, by name', async () => {
    await own('plan');
    await cluster.requestDrain('a');
    await cluster.renewLease(
      renewal({ leaseId: 'aa#1', node: 'aa', publicUrl: 'https://aa.example' }),
    );
    await cluster.renewLease(renewal({ leaseId: 'b#1', node: 'b', isDraining: true }));
    const members = (await cluster.members()).map((member) => ({ ...member, renewedAgoMs: 400 }));
    expect(tableOf([...members].reverse())).toEqual([
      'NODE  STATE           DOCUMENTS  RENEWED    ADDRESS               PUBLIC URL',
      'a     asked to drain  1          0.4 s ago  http://10.0.0.1:8000  -',
      'aa    serving         0          0.4 s ago  http://10.0.0.1:8000  https://aa.example',
      'b     draining        0          0.4 s ago  http://10.0.0.1:8000  -',
    ]);
  });

  it('says that there is none', () => {
    expect(tableOf([])).toEqual(['No node is in the cluster now.']);
  });
});

it('commands for a cluster say that there is none where no database is named', async () => {
  const config = readConfig({});
  await expect(nodesCommand(config)).rejects.toThrow(/There is no cluster/);
  await expect(drainCommand(config, 'a')).rejects.toThrow(/There is no cluster/);
});
