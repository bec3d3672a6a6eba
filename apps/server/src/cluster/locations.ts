/**
 * Where a document is answered: by this node, or by another one that connections and requests are forwarded to
 * (docs/cluster.md, Routing). An answer may be old: it costs a detour, never safety, because the node that is reached
 * takes the document over or refuses it (ownership.ts).
 */
import type { DocumentId } from '@concord/protocol';
import { TtlCache } from '../platform/ttl-cache.ts';
import type { ClusterStore, LiveLease } from '../store/ports/cluster-store.ts';
import { preferredMember } from './core/rendezvous.ts';

export type Location =
  { readonly kind: 'here' } | { readonly kind: 'elsewhere'; readonly lease: LiveLease };

export interface DocumentLocations {
  /** Never rejects: what cannot be read is guessed. */
  locate(documentId: DocumentId): Promise<Location>;
  /** Nodes whose leases live, as last read; this one may be among them. */
  live(): readonly LiveLease[];
}

/** What a node knows without asking the database. */
export interface ClusterKnowledge {
  /** Name of this node. */
  readonly node: string;
  live(): readonly LiveLease[];
  /** Whether this node has the document, and may answer for it. */
  owns(documentId: DocumentId): boolean;
}

export interface ClusterLocationsOptions {
  readonly knowledge: ClusterKnowledge;
  readonly store: Pick<ClusterStore, 'ownerOf'>;
  /** Milliseconds, never put back. */
  readonly monotonicNow?: () => number;
}

/** How long an owner row is believed: a document that moved sends its clients on within this. */
const OWNER_TTL_MS = 1_000;

const HERE: Location = { kind: 'here' };

export class ClusterLocations implements DocumentLocations {
  readonly #knowledge: ClusterKnowledge;
  /** Lease ids of owners, by document. */
  readonly #owners: TtlCache<string | null>;

  constructor({
    knowledge,
    store,
    monotonicNow = () => performance.now(),
  }: ClusterLocationsOptions) {
    this.#knowledge = knowledge;
    const ask = async (id: string): Promise<string | null> =>
      (await store.ownerOf(id as DocumentId)).owner;
    this.#owners = new TtlCache(ask, OWNER_TTL_MS, monotonicNow);
  }

  live(): readonly LiveLease[] {
    return this.#knowledge.live();
  }

  async locate(documentId: DocumentId): Promise<Location> {
    const { node } = this.#knowledge;
    if (this.#knowledge.owns(documentId) || this.live().every((lease) => lease.node === node)) {
      return HERE;
    }
    let owner = await this.#ownerOf(documentId);
    // It drains, or is this node and has not the document: the row is likely to have changed since it was read.
    if (owner !== null && (owner.isDraining || owner.node === node)) {
      this.#owners.invalidate(documentId);
      owner = await this.#ownerOf(documentId);
    }
    const lease = owner ?? preferredLease(documentId, this.live());
    // A lease with the own name is this node's, or that of the process before it, whose documents this one takes.
    const isHere = lease === null || lease.node === node || this.#knowledge.owns(documentId);
    return isHere ? HERE : { kind: 'elsewhere', lease };
  }

  /** Null when its lease does not live, and when the database does not answer: the hash is left then. */
  async #ownerOf(documentId: DocumentId): Promise<LiveLease | null> {
    const ownerId = await this.#owners.get(documentId).catch(() => null);
    return this.live().find(({ leaseId }) => leaseId === ownerId) ?? null;
  }
}

function preferredLease(documentId: string, live: readonly LiveLease[]): LiveLease | null {
  const members = live.map((lease) => ({ ...lease, weight: lease.isDraining ? 0 : lease.weight }));
  const preferred = preferredMember(documentId, members);
  return live.find(({ leaseId }) => leaseId === preferred?.leaseId) ?? null;
}
