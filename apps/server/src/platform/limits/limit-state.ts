/**
 * What the limits of a server remember, put together once per server (serve.ts): ports that a shared store implements
 * when an installation has several servers. Not in here is what bounds the work of one process and is right when each
 * counts for itself: operations of an address (realtime/gateway-budgets.ts), submissions and carets in the owner of a
 * document, and the queues.
 */
import { ProcessBuckets } from './bucket-table.ts';
import type { Buckets } from './buckets.ts';
import { ProcessConnectionCounts, type ConnectionCounts } from './connection-counts.ts';
import { ProcessProvenPlaces, type ProvenPlaces } from './proven-places.ts';

/** Each with a table of its own: a flood of keys in one evicts nothing of the others. */
export interface LimitState {
  /** Tries of secrets, and accounts, links and invitations made. */
  readonly attempts: Buckets;
  readonly provenPlaces: ProvenPlaces;
  /** Requests to the REST API. */
  readonly requests: Buckets;
  /** Those of them that cost much, or leave something behind. */
  readonly costlyRequests: Buckets;
  /** Handshakes of the transport of documents. */
  readonly handshakes: Buckets;
  /** Joins of documents. */
  readonly joins: Buckets;
  /** Connections of addresses and of people. */
  readonly connections: ConnectionCounts;
}

/** Kept by this process, and reset when it starts. */
export function processLimitState(): LimitState {
  return {
    attempts: new ProcessBuckets(),
    provenPlaces: new ProcessProvenPlaces(),
    requests: new ProcessBuckets(),
    costlyRequests: new ProcessBuckets(),
    handshakes: new ProcessBuckets(),
    joins: new ProcessBuckets(),
    connections: new ProcessConnectionCounts(),
  };
}
