/** Metrics of the calls to the store, and of the circuit breaker before it. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Read on each scrape. */
export interface StoreGauges {
  readonly breakerState: () => string;
  readonly inFlight: () => number;
  readonly waiting: () => number;
}

const CALL_BUCKETS_MS = [0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 1_000, 5_000];
const BREAKER_STATES = ['closed', 'halfOpen', 'open'] as const;

export class StoreMetrics {
  readonly #registry: Registry;
  readonly #calls: Histogram<'repository'>;
  readonly #failed: Counter<'repository'>;
  readonly #refused: Counter<'reason'>;
  readonly #opened: Counter;

  constructor(registry: Registry) {
    this.#registry = registry;
    const registers = [registry];
    this.#calls = new Histogram({
      name: 'concord_store_call_duration_ms',
      help: 'Milliseconds until the store answered a call, by part of the store.',
      labelNames: ['repository'],
      buckets: CALL_BUCKETS_MS,
      registers,
    });
    this.#failed = new Counter({
      name: 'concord_store_calls_failed_total',
      help: 'Calls that the store did not answer, by part of the store. Conflicts and the like are answers.',
      labelNames: ['repository'],
      registers,
    });
    this.#refused = new Counter({
      name: 'concord_store_calls_refused_total',
      help: 'Calls of requests that were refused: the breaker is open, or too many wait; or given up, because no answer came in time.',
      labelNames: ['reason'],
      registers,
    });
    this.#opened = new Counter({
      name: 'concord_store_breaker_opened_total',
      help: 'Times that the store stopped answering, and requests were refused from then on.',
      registers,
    });
  }

  /** Registers the gauges. */
  observe({ breakerState, inFlight, waiting }: StoreGauges): void {
    const registers = [this.#registry];
    new Gauge({
      name: 'concord_store_breaker',
      help: 'State of the circuit breaker before the store: 1 for the one that it is in.',
      labelNames: ['state'],
      registers,
      collect() {
        const current = breakerState();
        for (const state of BREAKER_STATES) this.set({ state }, state === current ? 1 : 0);
      },
    });
    new Gauge({
      name: 'concord_store_calls_in_flight',
      help: 'Calls that the store has not answered yet.',
      registers,
      collect() {
        this.set(inFlight());
      },
    });
    new Gauge({
      name: 'concord_store_calls_waiting',
      help: 'Calls that wait until fewer are in flight.',
      registers,
      collect() {
        this.set(waiting());
      },
    });
  }

  answered(repository: string, ms: number): void {
    this.#calls.observe({ repository }, ms);
  }
  failed(repository: string): void {
    this.#failed.inc({ repository });
  }
  refused(reason: string): void {
    this.#refused.inc({ reason });
  }
  opened(): void {
    this.#opened.inc();
  }
}
