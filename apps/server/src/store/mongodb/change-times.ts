/**
 * When documents were changed last: written behind their batches, together and not awaited. Awaiting them halves the
 * appends per second (docs/decisions/0022-mongodb-store.md).
 *
 * One write is under way at a time, and the next begins a pause later with what was told meanwhile: many changes of a
 * document cost one. Each reader of the times in this process flushes first.
 */
import type { DocumentId } from '@concord/protocol';
import type { Collections } from './collections.ts';
import { isOutcomeUnknown, isWriteConflict } from './errors.ts';

export type WriteTimes = (times: ReadonlyMap<DocumentId, number>) => Promise<void>;

/** What a crash can lose of the times, while changes come without a pause. */
export const PAUSE_MS = 500;

export class ChangeTimes {
  readonly #write: WriteTimes;
  #waiting = new Map<DocumentId, number>();
  #writing: Promise<void> | null = null;
  /** Set in the pause after a write. */
  #timer: NodeJS.Timeout | undefined;

  constructor(write: WriteTimes) {
    this.#write = write;
  }

  /** A batch of the document is durable, with this time. */
  changed(documentId: DocumentId, at: number): void {
    this.#waiting.set(documentId, at);
    if (this.#writing === null && this.#timer === undefined) this.#start();
  }

  /** Resolves when what was told before is written, or failed to be; that is tried again. */
  async flush(): Promise<void> {
    await this.#writing;
    if (this.#writing === null && this.#waiting.size > 0) this.#start();
    await this.#writing;
  }

  /** Writes what is left. Nothing may be told after that. */
  async close(): Promise<void> {
    await this.flush();
    clearTimeout(this.#timer);
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const times = this.#waiting;
    this.#waiting = new Map();
    this.#writing = this.#write(times)
      .catch((error: unknown) => {
        if (isOutcomeUnknown(error) || isWriteConflict(error)) this.#putBack(times);
      })
      .then(() => {
        this.#writing = null;
        this.#timer = setTimeout(() => this.#afterPause(), PAUSE_MS).unref();
      });
  }

  #afterPause(): void {
    this.#timer = undefined;
    if (this.#waiting.size > 0 && this.#writing === null) this.#start();
  }

  #putBack(times: ReadonlyMap<DocumentId, number>): void {
    this.#waiting = new Map([...times, ...this.#waiting]);
  }
}

/** Acknowledged by the primary alone: the batches are durable, and the next one moves the time again. */
export const writeTimes =
  ({ documents }: Pick<Collections, 'documents'>): WriteTimes =>
  async (times) => {
    const updates = [...times].map(([_id, updatedAt]) => ({
      updateOne: { filter: { _id }, update: { $set: { updatedAt } } },
    }));
    await documents.bulkWrite(updates, { ordered: false, writeConcern: { w: 1 } });
  };
