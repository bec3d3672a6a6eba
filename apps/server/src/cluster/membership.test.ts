/** Nodes in one process, over one store in memory. */
import {
  defaultLimits,
  PROTOCOL_VERSION,
  randomClientId,
  randomDocumentId,
  type DocumentId,
  type ServerMessage,
} from '@concord/protocol';
import { hostname } from 'node:os';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DocumentRegistry } from '../documents/document-registry.ts';
import type { DocumentRunner } from '../documents/document-runner.ts';
import { firstText } from '../documents/new-document.ts';
import { NotHereError } from '../documents/not-here-error.ts';
import { readConfig } from '../platform/config.ts';
import { ServerMetrics } from '../platform/metrics.ts';
import { testEvents } from '../platform/test-events.ts';
import { MemoryClusterStore } from '../store/memory/memory-cluster-store.ts';
import { openMemoryStore } from '../store/memory/memory-store.ts';
import type { Store } from '../store/ports/store.ts';
import { preferredMember } from './core/rendezvous.ts';
import { addressOf, membershipOf, type Membership } from './membership.ts';

/** No lease ends here because the machine is busy. */
const times = { leaseMs: 600_000, marginMs: 1_000, renewEveryMs: 60_000 };
const PATIENCE = { timeout: 60_000 };

interface TestNode {
  readonly membership: Membership;
  readonly documents: DocumentRegistry;
  readonly metrics: ServerMetrics;
  readonly said: ServerMessage['type'][];
}

let cluster: MemoryClusterStore;
let store: Store;
let nodes: TestNode[];

function start(name: string): TestNode {
  const metrics = new ServerMetrics();
  const log = pino({ level: 'silent' });
  const config = readConfig({ CONCORD_NODE: name });
  const membership = membershipOf({ config, store, log, metrics, times });
  if (membership === null) throw new Error('the store is not shared');
  const documents = new DocumentRegistry({
    ...{ store, limits: defaultLimits, metrics, log, events: testEvents() },
    fatal: (error) => {
      throw error;
    },
    ownership: membership.ownership,
  });
  const said: ServerMessage['type'][] = [];
  documents.connect({
    send: (_session, { type }) => void said.push(type),
    broadcast: (_id, { type }) => void said.push(type),
    ...{ joined: vi.fn(), unjoined: vi.fn(), dismissed: vi.fn(), diverged: vi.fn() },
  });
  membership.start(documents, 8080);
  const node = { membership, documents, metrics, said };
  nodes.push(node);
  return node;
}

const members = (count: number): Promise<void> =>
  vi.waitFor(() => {
    for (const { membership } of nodes) expect(membership.node?.live()).toHaveLength(count);
  }, PATIENCE);

/** A document that belongs to this one of the nodes. */
async function documentOf(name: string): Promise<DocumentId> {
  const { live } = await cluster.leases();
  for (;;) {
    const id = randomDocumentId();
    if (preferredMember(id, live)?.node !== name) continue;
    const document = { id, title: '', text: 'text', anyone: 'editor', owner: 'ann' } as const;
    await store.documents.createWithText(firstText(defaultLimits, { ...document, folder: '' }));
    return id;
  }
}

/** As clients do that are told to come again; one that is sent elsewhere goes there. */
const opened = (node: TestNode, id: DocumentId): Promise<DocumentRunner | null> =>
  vi.waitFor(() => node.documents.open(id), PATIENCE);

const insert = async (document: DocumentRunner | null, text: string): Promise<void> => {
  await document?.edit({ userId: 'ann', baseVersion: document.version, operations: [[text]] });
};

beforeEach(() => {
  cluster = new MemoryClusterStore();
  store = { ...openMemoryStore(), cluster };
  nodes = [];
});
afterEach(async () => {
  await Promise.all(nodes.map(({ membership }) => membership.stop()));
  await Promise.all(nodes.map(({ documents }) => documents.stop()));
  await store.close();
});

describe('a server over a store that others share', () => {
  it('is ready when it holds its lease, and owns what belongs to it', async () => {
    const a = start('a');
    const b = start('b');
    expect(a.membership.isReady).toBe(false);
    await members(2);
    expect(a.membership.isReady).toBe(true);
    const id = await documentOf('a');
    expect((await opened(a, id))?.text.toString()).toBe('text');
    expect(a.membership.node?.owns(id)).toBe(true);
    await expect(b.documents.open(id)).rejects.toThrow(NotHereError);
    const metrics = await a.metrics.text();
    expect(metrics).toMatch(/^concord_cluster_lease_held 1$/m);
    expect(metrics).toMatch(/^concord_cluster_members 2$/m);
    expect(metrics).toMatch(/^concord_cluster_documents_owned 1$/m);
    expect(metrics).toMatch(/^concord_cluster_takeovers_total 1$/m);
    expect(metrics).toMatch(/^concord_cluster_lease_age_seconds \d/m);
  });

  it('writes no owner for the id of a document that is not there', async () => {
    const swap = vi.spyOn(cluster, 'swapOwner');
    const a = start('a');
    await members(1);
    expect(await opened(a, randomDocumentId())).toBeNull();
    expect(swap).not.toHaveBeenCalled();
  });

  it('hands its documents over when it drains, without a fence, and its clients move', async () => {
    const a = start('a');
    const b = start('b');
    await members(2);
    const id = await documentOf('a');
    const document = await opened(a, id);
    document?.dispatch({
      ...{ type: 'join', session: 1, userId: 'ann', name: 'Ann', atMost: null },
      authorizedUntil: Infinity,
      message: {
        ...{ docId: id, clientId: randomClientId(), epoch: 1, version: 1, nextSeq: 1 },
        protocol: PROTOCOL_VERSION,
      },
    });
    await vi.waitFor(() => expect(a.said).toContain('joined'), PATIENCE);
    await insert(document, 'more ');
    await a.membership.drain('the test');
    expect(a.said.at(-1)).toBe('moved');
    expect(a.membership).toMatchObject({ isReady: false, isDraining: true });
    expect((await opened(b, id))?.text.toString()).toBe('more text');
    expect(await b.metrics.text()).toMatch(/^concord_cluster_fences_total 0$/m);
    expect(await a.metrics.text()).toMatch(
      /^concord_cluster_documents_handed_over_total\{reason="drain"\} 1$/m,
    );
    await expect(a.documents.open(id)).rejects.toMatchObject({ owner: { node: 'b' } });
  });

  it('drains when an administrator asks for it', async () => {
    const a = start('a');
    const b = start('b');
    await members(2);
    const id = await documentOf('a');
    await opened(a, id);
    await cluster.requestDrain('a');
    await vi.waitFor(async () => expect((await cluster.leases()).live).toHaveLength(1), PATIENCE);
    expect(a.membership.isReady).toBe(false);
    expect(b.membership.isReady).toBe(true);
    expect(await opened(b, id)).not.toBeNull();
  });

  it('takes a document whose log was written without a cluster, with a higher epoch', async () => {
    const id = randomDocumentId();
    const document = { id, title: '', text: 'text', anyone: 'editor', owner: 'ann' } as const;
    await store.documents.createWithText(firstText(defaultLimits, { ...document, folder: '' }));
    await store.log.append({
      ...{ documentId: id, firstVersion: 2, epoch: 7 },
      operations: [{ clientId: randomClientId(), seq: 1, author: 'ann', at: 0, op: ['x'] }],
    });
    const a = start('a');
    await members(1);
    await insert(await opened(a, id), 'more ');
    expect(await store.log.epoch(id)).toBe(8);
  });
});

it('a server over a store of its own is no node', () => {
  const metrics = new ServerMetrics();
  const log = pino({ level: 'silent' });
  const own = openMemoryStore();
  expect(membershipOf({ config: readConfig({}), store: own, log, metrics })).toBeNull();
});

it('other nodes reach a server at its host and port, unless another address is set', () => {
  expect(addressOf('127.0.0.1', 8080)).toBe('http://127.0.0.1:8080');
  expect(addressOf('localhost', 80)).toBe('http://127.0.0.1:80');
  expect(addressOf('fd00::1', 8080)).toBe('http://[fd00::1]:8080');
  expect(addressOf('0.0.0.0', 8080)).toBe(`http://${hostname()}:8080`);
});
