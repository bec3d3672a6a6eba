/**
 * What limits remember, for a server that is alone or for the nodes of one database (docs/cluster.md, Limits). Shared is
 * what protects a secret or the whole installation; what bounds the work of one process is counted by each.
 */
import { FewLines } from '../platform/few-lines.ts';
import { processLimitState, type LimitState } from '../platform/limits/limit-state.ts';
import { NearBuckets } from '../platform/limits/near-buckets.ts';
import { NearProvenPlaces } from '../platform/limits/proven-places.ts';
import type { Log } from '../platform/log.ts';
import type { Store } from '../store/ports/store.ts';
import { ProcessReservations, type Reservations } from './reservations.ts';
import { SharedReservations } from './shared-reservations.ts';

export function limitsBetweenNodes({
  store: { shared },
  log,
}: {
  readonly store: Pick<Store, 'shared'>;
  readonly log: Pick<Log, 'error'>;
}): { readonly limitState: LimitState; readonly reservations: Reservations } {
  const alone = processLimitState();
  if (shared === null) return { limitState: alone, reservations: new ProcessReservations() };
  const fewLines = new FewLines(log);
  const onError = (error: unknown): void => {
    fewLines.error(
      { err: error },
      'limits of all nodes cannot be read; this one counts for itself',
    );
  };
  const notRenewed = (error: unknown): void => {
    fewLines.error({ err: error }, 'a request under way could not be kept from other nodes');
  };
  return {
    limitState: {
      ...alone,
      // Closed: a secret is looked up in the same store, so that nothing could be checked without it anyway.
      attempts: new NearBuckets(shared.buckets('attempts'), { failsOpen: false, onError }),
      provenPlaces: new NearProvenPlaces(shared.provenPlaces),
      // Open: a limit that cannot be counted must not stop the reading of what is in memory.
      costlyRequests: new NearBuckets(shared.buckets('requests'), { failsOpen: true, onError }),
    },
    reservations: new SharedReservations(shared.holds, notRenewed),
  };
}
