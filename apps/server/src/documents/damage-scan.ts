/**
 * Background scan of all documents after the start, so that damage is found before a document is opened. Reads the
 * checkpoint of each and the log after it; the whole log once the database files were found damaged.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DocumentId } from '@concord/protocol';
import type { Log } from '../platform/log.ts';
import { CorruptionError, StoreError, type Store } from '../store/ports/store.ts';
import type { DamagedDocuments } from './damaged-documents.ts';
import { readLog, textOfCheckpoint } from './open-document.ts';

/** Pause between two documents, so that the scan does not delay opening one. */
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

  /** Called when the files were found damaged: a running scan reads whole logs from here on, or a new scan starts. */
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
      // A damaged checkpoint is rebuilt from the log when the document is opened; only the log is irreplaceable.
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
