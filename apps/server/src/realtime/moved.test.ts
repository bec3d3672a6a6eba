import { PROTOCOL_VERSION, randomClientId, randomDocumentId } from '@concord/protocol';
import { pino } from 'pino';
import { expect, it, vi } from 'vitest';
import { NotHereError } from '../documents/not-here-error.ts';
import { FewLines } from '../platform/few-lines.ts';
import { Guard } from '../platform/guard.ts';
import { ServerMetrics } from '../platform/metrics.ts';
import type { Gateway } from './gateway.ts';
import { Peer, type PeerOptions } from './peer.ts';
import type { QueuedJoin } from './join-queue.ts';
import type { Visitors } from './visitors.ts';

it('a join of a document that another node has is sent there soon, and is no fault', async () => {
  const documentId = randomDocumentId();
  const elsewhere = new NotHereError({
    ...{ leaseId: 'b-1', node: 'b', address: 'http://b:8080', publicUrl: null },
    ...{ weight: 1, isDraining: false },
  });
  const log = pino({ level: 'silent' });
  const metrics = new ServerMetrics();
  const open = vi.fn().mockRejectedValue(elsewhere);
  const move = vi.fn();
  const refuse = vi.fn();
  // What a join needs of it.
  const gateway = {
    documents: { open, running: () => undefined },
    store: { people: { nameOf: async () => 'Ann' } },
    services: { quotas: { know: async () => {} } },
    budgets: {
      connections: { joined: () => {} },
      joins: { add: async ({ run }: QueuedJoin) => run().then(() => 0) },
    },
    ...{ metrics, log, fewLines: new FewLines(log), guard: new Guard({ log, metrics }) },
    ...{ move, refuse },
  } as unknown as Gateway;
  const visitor = { userId: 'ann', documentId, principal: { kind: 'guest', userId: 'ann' } };
  const visitors = { of: () => visitor } as unknown as Visitors;
  const options = { session: 7, documentId, address: '192.0.2.1', isForwarded: true };
  const peer = new Peer(gateway, visitors, options as PeerOptions);
  const join = { docId: documentId, clientId: randomClientId(), epoch: 1, version: 0, nextSeq: 1 };
  peer.said('join', { ...join, protocol: PROTOCOL_VERSION });
  await vi.waitFor(() => expect(move).toHaveBeenCalled());
  expect(move).toHaveBeenCalledWith(7, { minDelayMs: 50, maxDelayMs: 500 });
  expect(open).toHaveBeenCalledWith(documentId, { isForwarded: true });
  expect(refuse).not.toHaveBeenCalled();
});
