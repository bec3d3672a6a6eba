/** Carries out an append of the log until it is decided (core/append-attempt.ts): inserts its row, reads it back. */
import { setTimeout as pause } from 'node:timers/promises';
import { AppendAttempt, type AppendEffect, type AppendInput, type AppendOutcome } from '../core/append-attempt.ts'; // prettier-ignore
import { DuplicateBatchError, StoreError } from '../ports/store.ts';
import { decided, type BatchRow, type Collections } from './collections.ts';
import { isDuplicateKey, isOutcomeUnknown, isWriteConflict } from './errors.ts';

type Batches = Pick<Collections, 'batches'>;

/**
 * Resolves when a majority has the row. Rejects with {@link DuplicateBatchError} when another writer has its version, with
 * StoreError when that is in doubt, and with the driver's error when the database refused the row and none can be there.
 */
export async function insertRow(rows: Batches, row: BatchRow): Promise<void> {
  const attempt = new AppendAttempt(row._id.toHexString());
  const carrying = new Carrying(rows, row);
  let [effect] = attempt.step({ type: 'start' });
  while (effect !== undefined) {
    if (effect.type === 'decided') return carrying.tell(effect.outcome);
    [effect] = attempt.step(await carrying.out(effect));
  }
}

class Carrying {
  readonly #rows: Batches;
  readonly #row: BatchRow;
  /** An earlier insert may still land. */
  #mayLand = false;
  #cause: unknown = null;

  constructor(rows: Batches, row: BatchRow) {
    this.#rows = rows;
    this.#row = row;
  }

  async out(effect: Exclude<AppendEffect, { readonly type: 'decided' }>): Promise<AppendInput> {
    switch (effect.type) {
      case 'insert':
        return this.#insert();
      case 'readBack':
        return this.#readBack();
      case 'startTimer':
        await pause(effect.ms);
        return { type: 'timer' };
    }
  }

  async #insert(): Promise<AppendInput> {
    try {
      await this.#rows.batches.insertOne(this.#row);
      return { type: 'written' };
    } catch (error) {
      if (isDuplicateKey(error)) return { type: 'duplicate' };
      const isRefused = !isOutcomeUnknown(error) && !isWriteConflict(error);
      if (isRefused && !this.#mayLand) throw error;
      this.#mayLand = true;
      this.#cause = error;
      return { type: 'unknown' };
    }
  }

  /** As a majority has it. */
  async #readBack(): Promise<AppendInput> {
    const { documentId, firstVersion } = this.#row;
    try {
      const found = await this.#rows.batches.findOne(
        { documentId, firstVersion },
        { ...decided, projection: { _id: 1 } },
      );
      return { type: 'found', rowId: found?._id.toHexString() ?? null };
    } catch (error) {
      this.#cause = error;
      return { type: 'readFailed' };
    }
  }

  tell(outcome: AppendOutcome): void {
    const { documentId, firstVersion } = this.#row;
    if (outcome === 'appended') return;
    if (outcome === 'fenced') {
      throw new DuplicateBatchError(
        `Version ${firstVersion} of document ${documentId} was written by another server.`,
      );
    }
    throw new StoreError(
      `The database did not say in time whether version ${firstVersion} of document ${documentId} was stored. ` +
        'It was not confirmed to its authors, whose clients send it again.',
      false,
      { cause: this.#cause },
    );
  }
}
