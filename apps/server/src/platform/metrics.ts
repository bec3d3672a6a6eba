/** Prometheus metrics. Names and labels only: no text, no title, no person. */
import type { RefusalCode, RejectionCode } from '@concord/protocol';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { ClusterMetrics, type ClusterGauges } from './cluster-metrics.ts';
import type { FaultPlace } from './guard.ts';
import { StoreMetrics } from './store-metrics.ts';

/** Kinds of work with a budget; a closed set, because it is a metric label. */
export type BudgetedWork =
  | 'handshakes'
  | 'connections'
  | 'joins'
  | 'operations'
  | 'readers'
  | 'compositions'
  | 'replays'
  | 'memory'
  | 'descriptors';

/** Read on each scrape. */
export interface GatewayGauges {
  readonly waitingBytes: () => number;
  readonly waitingJoins: () => number;
  readonly unjoinedConnections: () => number;
}

const LATENCY_BUCKETS_MS = [0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 1_000];

/** Why a request was refused before routing; a metric label. */
export type DoorRefusal = 'host' | 'origin' | 'jsonp' | 'method';

/** What is passed on to other nodes, and what became of it; metric labels. */
export type ForwardedKind = 'request' | 'connection';
export type ForwardedResult = 'sent' | 'failed' | 'refused';

export class ServerMetrics {
  readonly #registry = new Registry();
  readonly store = new StoreMetrics(this.#registry);
  readonly #operations = new Counter({
    name: 'concord_operations_committed_total',
    help: 'Operations made durable.',
    registers: [this.#registry],
  });
  readonly #batches = new Histogram({
    name: 'concord_append_duration_ms',
    help: 'Milliseconds from handing a batch to the store until it was durable.',
    buckets: LATENCY_BUCKETS_MS,
    registers: [this.#registry],
  });
  readonly #opens = new Histogram({
    name: 'concord_document_open_duration_ms',
    help: 'Milliseconds to open a document from the store.',
    buckets: LATENCY_BUCKETS_MS,
    registers: [this.#registry],
  });
  readonly #rejections = new Counter({
    name: 'concord_operations_rejected_total',
    help: 'Operations rejected, by code.',
    labelNames: ['code'],
    registers: [this.#registry],
  });
  readonly #refusals = new Counter({
    name: 'concord_sessions_refused_total',
    help: 'Sessions refused or ended by the server, by code.',
    labelNames: ['code'],
    registers: [this.#registry],
  });
  readonly #divergences = new Counter({
    name: 'concord_divergences_total',
    help: 'Texts of clients that are not those of the log, as the log proves; each person and document once in ten minutes. Page someone at 1.',
    registers: [this.#registry],
  });
  readonly #divergenceClaims = new Counter({
    name: 'concord_divergence_claims_total',
    help: 'Reports of another text that nothing proves: of old clients, of versions that are not known any more, or invented. No cause for an alarm.',
    registers: [this.#registry],
  });
  readonly #joinsInVain = new Counter({
    name: 'concord_rejoins_without_progress_total',
    help: 'Joins of clients that came back soon, with nothing received and nothing acknowledged.',
    registers: [this.#registry],
  });
  readonly #passwords = new Counter({
    name: 'concord_passwords_checked_total',
    help: 'Passwords hashed or verified: each costs some 50 ms of one core.',
    registers: [this.#registry],
  });

  readonly #faults = new Counter({
    name: 'concord_faults_total',
    help: 'Faults of the server that were contained, by where they were caught. Each is a bug.',
    labelNames: ['place'],
    registers: [this.#registry],
  });
  readonly #requestsRefused = new Counter({
    name: 'concord_requests_refused_total',
    help: 'Requests refused before anything was done for them, by why.',
    labelNames: ['reason'],
    registers: [this.#registry],
  });
  readonly #backups = new Counter({
    name: 'concord_backups_total',
    help: 'Backups made since the start, by result.',
    labelNames: ['result'],
    registers: [this.#registry],
  });
  readonly #lastBackup = new Gauge({
    name: 'concord_backup_last_success_timestamp_seconds',
    help: 'When the last backup since the start was made; 0 for none.',
    registers: [this.#registry],
  });
  readonly #incidents = new Gauge({
    name: 'concord_store_incidents',
    help: 'Reports of damage or loss in the data directory that are unresolved. Investigate at 1.',
    labelNames: ['kind'],
    registers: [this.#registry],
  });

  readonly #workRefused = new Counter({
    name: 'concord_work_refused_total',
    help: 'Work that was refused or put off because its budget was used up, by kind.',
    labelNames: ['kind'],
    registers: [this.#registry],
  });

  readonly #forwarded = new Counter({
    name: 'concord_forwarded_total',
    help: 'Requests and connections of clients for other nodes: passed on, those of them that failed, and refused ones.',
    labelNames: ['kind', 'result'],
    registers: [this.#registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
  }

  /** Registers gauges that are read on each scrape. */
  observe(documents: () => number, sessions: () => number, damaged: () => number): void {
    new Gauge({
      name: 'concord_documents_damaged',
      help: 'Documents found damaged since the start: each is refused, the others are served.',
      registers: [this.#registry],
      collect() {
        this.set(damaged());
      },
    });
    new Gauge({
      name: 'concord_documents_open',
      help: 'Documents in memory.',
      registers: [this.#registry],
      collect() {
        this.set(documents());
      },
    });
    new Gauge({
      name: 'concord_sessions',
      help: 'Sessions that joined a document.',
      registers: [this.#registry],
      collect() {
        this.set(sessions());
      },
    });
  }

  /** Registers the gauges of free disk space. */
  observeRoom(room: () => { readonly isPaused: boolean; readonly freeBytes: number | null }): void {
    new Gauge({
      name: 'concord_saving_paused',
      help: '1 while nothing is stored because the disk is almost full. Page someone at 1.',
      registers: [this.#registry],
      collect() {
        this.set(room().isPaused ? 1 : 0);
      },
    });
    new Gauge({
      name: 'concord_disk_free_bytes',
      help: 'Free on the disk of the data directory, as it was last seen; NaN when it is not known.',
      registers: [this.#registry],
      collect() {
        this.set(room().freeBytes ?? NaN);
      },
    });
  }

  observeGateway(gauges: GatewayGauges): void {
    this.#gauge(
      'concord_bytes_waiting',
      'Bytes that peers have not read yet.',
      gauges.waitingBytes,
    );
    this.#gauge('concord_joins_waiting', 'Joins that wait for their turn.', gauges.waitingJoins);
    this.#gauge(
      'concord_connections_unjoined',
      'Connections of the transport that did not ask for a document yet.',
      gauges.unjoinedConnections,
    );
  }

  /** For a server that is a node of a cluster; called once. */
  ofCluster(gauges: ClusterGauges): ClusterMetrics {
    return new ClusterMetrics(this.#registry, gauges);
  }

  /** Registers the gauge of connections to other nodes. */
  observeForwarding(open: () => number): void {
    this.#gauge('concord_node_connections', 'Connections of this node to other nodes.', open);
  }

  #gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.#registry],
      collect() {
        this.set(read());
      },
    });
  }

  /** Of a node that shares its database with others. */
  observeSharedEvents(waiting: () => number, missed: () => number): void {
    this.#gauge('concord_events_waiting', 'Domain events that other nodes are not told of yet.', waiting); // prettier-ignore
    this.#gauge('concord_events_missed', 'Times since the start that events of other nodes may not have arrived, and everything was checked again; once is the start itself.', missed); // prettier-ignore
  }

  committed(operations: number, ms: number): void {
    this.#operations.inc(operations);
    this.#batches.observe(ms);
  }
  joinedInVain(): void {
    this.#joinsInVain.inc();
  }
  opened(ms: number): void {
    this.#opens.observe(ms);
  }
  rejected(code: RejectionCode): void {
    this.#rejections.inc({ code });
  }
  refused(code: RefusalCode): void {
    this.#refusals.inc({ code });
  }
  workRefused(kind: BudgetedWork): void {
    this.#workRefused.inc({ kind });
  }
  passwordWorked(): void {
    this.#passwords.inc();
  }
  backedUp(isGood: boolean): void {
    this.#backups.inc({ result: isGood ? 'good' : 'failed' });
    if (isGood) this.#lastBackup.setToCurrentTime();
  }
  incident(kind: string): void {
    this.#incidents.inc({ kind });
  }
  diverged(): void {
    this.#divergences.inc();
  }
  divergenceClaimed(): void {
    this.#divergenceClaims.inc();
  }

  forwarded(kind: ForwardedKind, result: ForwardedResult): void {
    this.#forwarded.inc({ kind, result });
  }
  fault(place: FaultPlace): void {
    this.#faults.inc({ place });
  }
  requestRefused(reason: DoorRefusal): void {
    this.#requestsRefused.inc({ reason });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }
  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
