/** Registry of damaged documents: counted, logged once each, and refused with an explanation. */
import type { DocumentId } from '@concord/protocol';
import type { Log } from '../platform/log.ts';
import { CorruptionError } from '../store/ports/store.ts';

/** For the person who wants to open the document: what happened, what is safe, what to do. */
export const DAMAGED_DETAIL =
  'This document is damaged on the server. It is not opened, so that nothing wrong is shown or saved; what you ' +
  'typed stays on this device. Tell the person who runs the server: "concord verify" says what can be restored.';

export class DamagedDocuments {
  readonly #log: Log;
  readonly #found = new Set<DocumentId>();
  /** Readable but not writable because of damage: opening them again would fail again. */
  readonly #refused = new Map<DocumentId, CorruptionError>();

  constructor(log: Log) {
    this.#log = log;
  }

  get count(): number {
    return this.#found.size;
  }

  /** Records an error that means damage; ignores others. */
  found(documentId: DocumentId, error: unknown, doing: 'reading' | 'writing'): void {
    if (!(error instanceof CorruptionError)) return;
    if (doing === 'writing') this.#refused.set(documentId, error);
    if (this.#found.has(documentId)) return;
    this.#found.add(documentId);
    this.#log.error({ document: documentId, err: error }, 'a document is damaged');
  }

  /** Throws CorruptionError for a document that could not be written to because of damage. */
  refuse(documentId: DocumentId): void {
    const error = this.#refused.get(documentId);
    if (error !== undefined) throw error;
  }
}
