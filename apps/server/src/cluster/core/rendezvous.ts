/**
 * Weighted rendezvous hashing: which member should own a document. Every node computes it from the list of members
 * alone. A member that joins or leaves moves only the documents that it gains or had, about 1/N of them.
 *
 * Source: Thaler and Ravishankar, "Using name-based mappings to increase hit rates" (1998); the weights after
 * Schindelhauer and Schomaker, "Weighted distributed hash tables" (2005). It decides where documents should be, never
 * who may write: two nodes that disagree, for instance because they know different members, cost a detour.
 */

/** A live node, as the hashing sees it. */
export interface Member {
  /** Names one lease. It is never used again (node-lease.ts). */
  readonly leaseId: string;
  /** Names the node, also after a restart, so that documents come back to it. Not empty. */
  readonly node: string;
  /** Share of the documents relative to other members'; 0 for a node that takes none, because it drains. */
  readonly weight: number;
}

/**
 * The member that should own the document; null when none takes any.
 * @param members in any order. Of several with one node name, which a restart can leave for some seconds, the one with
 * the greater lease id counts, on every node.
 */
export function preferredMember(documentId: string, members: readonly Member[]): Member | null {
  let best: Member | null = null;
  let bestScore = 0;
  for (const member of members) {
    const score = scoreOf(documentId, member);
    if (score === 0 || score < bestScore) continue;
    if (best !== null && score === bestScore && isBefore(member, best)) continue;
    best = member;
    bestScore = score;
  }
  return best;
}

/** The n-th highest of exponentially distributed scores: each member wins with a chance proportional to its weight. */
function scoreOf(documentId: string, { node, weight }: Member): number {
  return weight <= 0 ? 0 : weight / -Math.log(hashOf(`${node}\0${documentId}`));
}

const isBefore = (a: Member, b: Member): boolean =>
  a.node === b.node ? a.leaseId < b.leaseId : a.node < b.node;

const WORDS = 2 ** 32;

/**
 * A number between 0 and 1, both excluded, of 53 random bits. Two MurmurHash3-like streams, finished with its mixer.
 * Source: bryc, "cyrb53" (public domain).
 */
export function hashOf(text: string): number {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    high = Math.imul(high ^ unit, 2654435761);
    low = Math.imul(low ^ unit, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  const bits = (high >>> 11) * WORDS + (low >>> 0);
  return (bits + 0.5) / (WORDS * 2 ** 21);
}
