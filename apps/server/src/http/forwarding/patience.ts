/** Waits for the node that takes a document over, after one that has it was not reached. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DocumentId } from '@concord/protocol';
import type { DocumentLocations, Location } from '../../cluster/locations.ts';
import type { LiveLease } from '../../store/ports/cluster-store.ts';

/** Longer than a lease of the usual length, and than another node needs to take a document over. */
const PATIENCE_MS = 5_000;
/** Between questions where the document is; most are answered from memory. */
const LOOK_MS = 100;
/** A node that is only slow is asked again after so long. */
const AGAIN_MS = 1_000;

export interface PatienceOptions {
  readonly locations: Pick<DocumentLocations, 'locate'>;
  /** Milliseconds, as the next; for tests. */
  readonly patienceMs?: number;
  readonly againMs?: number;
}

/**
 * Where a document is next, from one node that was not reached to the other. The time in which it is waited begins now.
 * @param isGone whether the client is, for whom it is waited
 * @returns asked with the node that was not reached; resolves to null when it is not waited any longer
 */
export function searchFor(
  documentId: DocumentId,
  { locations, patienceMs = PATIENCE_MS, againMs = AGAIN_MS }: PatienceOptions,
  isGone: () => boolean,
): (failed: LiveLease) => Promise<Location | null> {
  const until = performance.now() + patienceMs;
  return async (failed) => {
    const againAt = performance.now() + againMs;
    while (!isGone() && performance.now() < until) {
      await sleep(LOOK_MS * (0.5 + Math.random()));
      const location = await locations.locate(documentId);
      const isSame = location.kind === 'elsewhere' && location.lease.leaseId === failed.leaseId;
      if (!isSame || performance.now() >= againAt) return location;
    }
    return null;
  };
}
