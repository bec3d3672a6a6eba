/** The documents that this process owns: opened when somebody needs them, forgotten when idle. */
import type { DocumentId, Limits } from '@concord/protocol';
import type { Log } from '../log.ts';
import type { ServerMetrics } from '../metrics.ts';
import type { Store } from '../store/store.ts';
import { openDocument } from './open-document.ts';
import { RunningDocument, type Sessions } from './running-document.ts';

export interface DocumentsOptions {
  readonly store: Store;
  readonly limits: Limits;
  readonly metrics: ServerMetrics;
  readonly log: Log;
  readonly fatal: (error: Error) => void;
}

export class Documents {
  readonly #options: DocumentsOptions;
  readonly #opening = new Map<DocumentId, Promise<RunningDocument | null>>();
  readonly #running = new Map<DocumentId, RunningDocument>();
  #sessions: Sessions | null = null;
  #isStopping = false;

  constructor(options: DocumentsOptions) {
    this.#options = options;
    options.metrics.observe(
      () => this.#running.size,
      () => [...this.#running.values()].reduce((sum, each) => sum + each.sessionCount, 0),
    );
  }

  /** Where frames go; set once, before the first document is opened. */
  connect(sessions: Sessions): void {
    this.#sessions = sessions;
  }

  /** The document if it is in memory. */
  running(id: DocumentId): RunningDocument | undefined {
    return this.#running.get(id);
  }

  /** Opens the document, or waits for whoever opens it already. Null when there is none. */
  open(id: DocumentId): Promise<RunningDocument | null> {
    const running = this.#running.get(id);
    if (running !== undefined) return Promise.resolve(running);
    if (this.#isStopping) return Promise.reject(new Error('The server is shutting down'));
    const opening = this.#opening.get(id) ?? this.#open(id);
    this.#opening.set(id, opening);
    return opening;
  }

  /** A person chose another name: everybody present sees it. */
  personRenamed(userId: string, name: string): void {
    for (const document of this.#running.values()) {
      document.dispatch({ type: 'personRenamed', userId, name });
    }
  }

  /** Finishes commits, writes checkpoints, sends everybody away. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.allSettled(this.#opening.values());
    await Promise.all([...this.#running.values()].map((document) => document.stop()));
  }

  async #open(id: DocumentId): Promise<RunningDocument | null> {
    const { store, limits, metrics, log, fatal } = this.#options;
    try {
      const startedAt = performance.now();
      const opened = await openDocument(store, id, limits);
      if (opened === null || this.#sessions === null) return null;
      const document: RunningDocument = new RunningDocument({
        opened,
        store,
        sessions: this.#sessions,
        metrics,
        log,
        unloaded: () => {
          if (this.#running.get(id) === document) this.#running.delete(id);
        },
        fatal,
      });
      this.#running.set(id, document);
      metrics.opened(performance.now() - startedAt);
      return document;
    } finally {
      this.#opening.delete(id);
    }
  }
}
