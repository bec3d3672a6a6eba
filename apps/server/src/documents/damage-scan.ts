/**
 * Looks through all documents in the background after the start, so that damage is known before somebody opens the
 * document: of each its checkpoint and the log behind it, and the whole log once the files were found damaged.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DocumentId } from '@concord/protocol';
import type { Log } from '../platform/log.ts';
import { CorruptionError, StoreError, type Store } from '../store/ports/store.ts';
import type { DamagedDocuments } from './damaged-documents.ts';
import { readLog, textOfCheckpoint } from './open-document.ts';

/** Between two documents: whoever opens one must not notice. */
const PAUSE_MS = 5;

export interface DamageScanOptions {
  readonly store: Store;
  readonly damaged: DamagedDocuments;
  readonly log: Log;
}

export class DamageScan {
  readonly #options: DamageScanOptions;
  #scanning: Promise<void> | null = null;
  #wholeLogs = false;
  #isStopped = false;

  constructor(options: DamageScanOptions) {
    this.#options = options;
  }

  /** The files were found damaged: a scan that is under way reads whole logs from here on, or one begins. */
  readWholeLogs(): void {
    if (this.#wholeLogs) return;
    this.#wholeLogs = true;
    if (this.#scanning !== null) this.#scanning = this.#scanning.then(() => this.#scan());
  }

  start(): void {
    this.#scanning ??= this.#scan();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#scanning;
  }

  async #scan(): Promise<void> {
    const { store, damaged, log } = this.#options;
    try {
      let documents = 0;
      for (const id of await store.documents.ids()) {
        if (this.#isStopped) return;
        await this.#look(id);
        documents += 1;
        await sleep(PAUSE_MS, undefined, { ref: false });
      }
      const level = damaged.count === 0 ? 'debug' : 'error';
      log[level]({ documents, damaged: damaged.count }, 'looked through all documents for damage');
    } catch (error) {
      if (error instanceof StoreError) return;
      log.error({ err: error }, 'looking through the documents for damage failed');
    }
  }

  async #look(id: DocumentId): Promise<void> {
    const { store, damaged } = this.#options;
    let from = 0;
    try {
      const checkpoint = await store.checkpoints.latest(id);
      if (checkpoint !== null) {
        await textOfCheckpoint(id, checkpoint);
        from = checkpoint.version;
      }
    } catch (error) {
      if (!(error instanceof CorruptionError)) throw error;
      // Opening it makes its text again from the log, and its checkpoint with it; the log is what matters.
    }
    try {
      await store.documents.get(id);
      for await (const _ of readLog(store.log, id, this.#wholeLogs ? 0 : from)) {
        if (this.#isStopped) return;
      }
      const head = await store.log.headVersion(id);
      if (head < from) {
        throw new CorruptionError(
          `The log of document ${id} ends at version ${head}, but its checkpoint is of version ${from}: ` +
            'the newest changes are missing. Restore a backup.',
        );
      }
    } catch (error) {
      if (!(error instanceof CorruptionError)) throw error;
      damaged.found(id, error, 'reading');
    }
  }
}
