/** Metrics of a node of a cluster (docs/cluster.md). */
import { Counter, Gauge, type Registry } from 'prom-client';

/** Read on each scrape. */
export interface ClusterGauges {
  readonly isLeaseHeld: () => boolean;
  /** Since the newest renewal that was written was sent; NaN before the first. */
  readonly leaseAgeMs: () => number;
  readonly members: () => number;
  readonly ownedDocuments: () => number;
  readonly isDraining: () => boolean;
}

/** Why a document was handed over: the ring changed, or this node drains. */
export type HandoverReason = 'ring' | 'drain';

export class ClusterMetrics {
  readonly #leasesLost: Counter;
  readonly #takeovers: Counter;
  readonly #fences: Counter;
  readonly #handedOver: Counter<'reason'>;
  readonly #dropped: Counter;

  constructor(registry: Registry, gauges: ClusterGauges) {
    const registers = [registry];
    const counter = (name: string, help: string): Counter => new Counter({ name, help, registers });
    this.#leasesLost = counter(
      'concord_cluster_leases_lost_total',
      'Times that this node lost its lease, and with it all documents. The database did not answer in time, or the process stood still.',
    );
    this.#takeovers = counter(
      'concord_cluster_takeovers_total',
      'Documents that this node took, of no owner or of a former one.',
    );
    this.#fences = counter(
      'concord_cluster_fences_total',
      'Fences appended, because a former owner may have had an append under way.',
    );
    this.#handedOver = new Counter({
      name: 'concord_cluster_documents_handed_over_total',
      help: 'Documents that were closed so that another node may have them, by reason.',
      labelNames: ['reason'],
      registers,
    });
    for (const reason of ['ring', 'drain'] as const) this.#handedOver.inc({ reason }, 0);
    this.#dropped = counter(
      'concord_cluster_documents_dropped_total',
      'Documents given up at once, with the lease or after the deadline of a drain.',
    );
    const gauge = (name: string, help: string, read: () => number): void => {
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(read());
        },
      });
    };
    gauge('concord_cluster_lease_held', 'Whether this node holds a valid lease: 1 or 0.', () =>
      Number(gauges.isLeaseHeld()),
    );
    gauge(
      'concord_cluster_lease_age_seconds',
      'Since the newest renewal of the lease was sent that the database has; NaN before the first.',
      () => gauges.leaseAgeMs() / 1_000,
    );
    gauge('concord_cluster_members', 'Nodes whose leases live, as this one sees it.', gauges.members); // prettier-ignore
    gauge(
      'concord_cluster_documents_owned',
      'Documents that this node owns.',
      gauges.ownedDocuments,
    );
    gauge('concord_cluster_draining', 'Whether this node drains, or has drained: 1 or 0.', () =>
      Number(gauges.isDraining()),
    );
  }

  leaseLost(): void {
    this.#leasesLost.inc();
  }
  tookOver(): void {
    this.#takeovers.inc();
  }
  fenced(): void {
    this.#fences.inc();
  }
  handedOver(reason: HandoverReason): void {
    this.#handedOver.inc({ reason });
  }
  dropped(): void {
    this.#dropped.inc();
  }
}
