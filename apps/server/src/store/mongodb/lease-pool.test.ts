/** Leases when every other connection is taken: over the wire protocol, by a fake server that holds what it is asked. */
import { randomId, type DocumentId } from '@concord/protocol';
import type { Document } from 'mongodb';
import { expect, it, vi } from 'vitest';
import type { LeaseRenewal } from '../ports/cluster-store.ts';
import { POOL_SIZE } from './connect.ts';
import { openMongoStore } from './mongo-store.ts';
import { plans, SCHEMA_VERSION } from './schema.ts';
import { fakeServer } from './test-fake-server.ts';

const PATIENCE = { timeout: 120_000, interval: 10 };

const primary = (address: string): Document => ({
  ...{ isWritablePrimary: true, maxWireVersion: 21, setName: 'rs', setVersion: 1 },
  ...{ hosts: [address], me: address, primary: address, logicalSessionTimeoutMinutes: 30 },
});
const cursor = (firstBatch: readonly Document[]): Document => ({
  ok: 1,
  cursor: { id: 0n, ns: 'concord.any', firstBatch },
});

interface Command {
  readonly find?: string;
  readonly listCollections?: number;
  readonly listIndexes?: keyof typeof plans;
  readonly filter?: { readonly _id?: string };
}

/** What an empty database of this version answers. */
function answerOf({ find, listCollections, listIndexes, filter = {} }: Command): Document {
  if (listCollections !== undefined) {
    return cursor(Object.keys(plans).map((name) => ({ name, type: 'collection' })));
  }
  if (listIndexes !== undefined) {
    const { indexes } = plans[listIndexes];
    return cursor(indexes.map(({ key, options }) => ({ key, name: options.name })));
  }
  if (find === 'meta') {
    const rows = [{ _id: 'schema', version: SCHEMA_VERSION }, { _id: 'history', id: randomId() }]; // prettier-ignore
    return cursor(rows.filter(({ _id }) => _id === filter._id));
  }
  if (find !== undefined) return cursor([]);
  return { ok: 1, n: 1, nModified: 1 };
}

const renewal: LeaseRenewal = {
  ...{ leaseId: 'a#1', node: 'a', address: 'http://10.0.0.1', publicUrl: null, weight: 1 },
  ...{ number: 2, isDraining: false, mayInsert: false, leaseMs: 2_500 },
};

it('a lease is renewed while reads wait for every connection that the rest of the store has', async () => {
  const held: (() => void)[] = [];
  const server = await fakeServer(primary, (command) => {
    const answer = answerOf(command);
    if (command['find'] !== 'documents') return answer;
    return new Promise((resolve) => held.push(() => resolve(answer)));
  });
  const store = await openMongoStore(`mongodb://${server.address}/concord`);
  const reads = Array.from({ length: POOL_SIZE + 10 }, () =>
    store.documents.get(randomId() as DocumentId),
  );
  await vi.waitFor(() => expect(held.length).toBe(POOL_SIZE), PATIENCE);

  expect(await store.cluster?.renewLease(renewal)).toBe('renewed');
  expect(await store.cluster?.leases()).toEqual({ live: [], ended: [], drainRequested: [] });

  const releasing = setInterval(() => {
    for (const release of held.splice(0)) release();
  }, 1);
  expect(await Promise.all(reads)).toEqual(reads.map(() => null));
  clearInterval(releasing);
  await store.close();
  // Those of leases too.
  await vi.waitFor(() => expect(server.connections).toBe(0), PATIENCE);
  await server.close();
});
