/** What this node knows of the cluster. It may be behind: it decides where a client is sent, never who may write. */
import { preferredMember, type Member } from './rendezvous.ts';

export class ClusterView {
  /** Of this node; null while it holds none. */
  leaseId: string | null = null;
  isDraining = false;
  #live: readonly Member[] = [];
  #ring = '';
  /** That a lease is ended never becomes untrue. */
  readonly #ended = new Set<string>();

  /** Returns whether documents may now belong elsewhere. */
  read(live: readonly Member[], ended: readonly string[]): boolean {
    for (const leaseId of ended) this.#ended.add(leaseId);
    this.#live = live.filter(({ leaseId }) => !this.#ended.has(leaseId));
    const ring = this.#live
      .map(({ leaseId, weight }) => `${leaseId} ${weight}`)
      .sort()
      .join();
    const isChanged = ring !== this.#ring;
    this.#ring = ring;
    return isChanged;
  }

  ended(leaseId: string): void {
    this.#ended.add(leaseId);
    this.#live = this.#live.filter((member) => member.leaseId !== leaseId);
  }

  /** Nothing is answered under the own lease any more, whatever the database says of it yet. */
  lost(): void {
    if (this.leaseId !== null) this.ended(this.leaseId);
    this.leaseId = null;
  }

  isEnded(leaseId: string): boolean {
    return this.#ended.has(leaseId);
  }

  /** The live member of a lease; null when none is known. */
  member(leaseId: string): Member | null {
    return this.#live.find((member) => member.leaseId === leaseId) ?? null;
  }

  /** Where the document belongs; null when no member takes any. A node that drains does not count itself. */
  preferred(documentId: string): Member | null {
    const members = this.isDraining
      ? this.#live.filter(({ leaseId }) => leaseId !== this.leaseId)
      : this.#live;
    return preferredMember(documentId, members);
  }

  /** The document belongs to another member. */
  isMisplaced(documentId: string): boolean {
    const preferred = this.preferred(documentId);
    return preferred === null ? this.isDraining : preferred.leaseId !== this.leaseId;
  }
}
