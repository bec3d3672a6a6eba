/** What a node asks of the database for one document: its row, its log, and appends until they are decided. */
import type {
  AppendInput,
  AppendOutcome,
  OwnershipAnswer,
  OwnershipQuestion,
} from '@concord/server';
import type { Cores } from '../cores.ts';
import type { ClusterConfiguration } from './cluster-configuration.ts';
import {
  batchAt,
  endLease,
  fence,
  insertBatch,
  ownerOf,
  readLog,
  swapRow,
  type BatchRow,
  type Entry,
} from './cluster-database.ts';
import type { DatabaseLink, Rows } from './replica-set.ts';

/** The process that asks. */
export interface AskingProcess {
  /** Runs what comes back in the process, unless that is gone. */
  readonly back: <T>(done: (answer: T) => void) => (answer: T) => void;
  readonly after: (ms: number, run: () => void) => void;
}

type Answered<T> = { readonly value: T } | null;

export class NodeDatabase {
  readonly #name: string;
  readonly #link: DatabaseLink;
  readonly #cores: Cores;
  readonly #configuration: ClusterConfiguration;
  readonly #process: AskingProcess;
  #batches = 0;

  constructor(
    name: string,
    link: DatabaseLink,
    cores: Cores,
    configuration: ClusterConfiguration,
    process: AskingProcess,
  ) {
    this.#name = name;
    this.#link = link;
    this.#cores = cores;
    this.#configuration = configuration;
    this.#process = process;
  }

  /** @param answer runs in the process */
  ask(
    documentId: string,
    question: OwnershipQuestion,
    answer: (answer: OwnershipAnswer) => void,
  ): void {
    const link = this.#link;
    switch (question.type) {
      case 'readRow':
        return link.read(
          (rows) => ownerOf(rows, documentId),
          (read) => answer(read === null ? { type: 'failed' } : { type: 'row', row: read.value }),
        );
      case 'swapRow':
        return link.write(swapRow(documentId, question.expected, question.row), (written) =>
          answer({ type: 'swapped', outcome: written?.value ?? 'unknown' }),
        );
      case 'endLease':
        return link.write(endLease(question.leaseId, false), (written) =>
          answer({ type: 'leaseEnd', outcome: written?.value ?? 'unknown' }),
        );
      case 'readHead':
        return link.read(
          (rows) => readLog(rows, documentId),
          (read) => {
            if (read === null) return answer({ type: 'failed' });
            const { entries, epoch } = read.value;
            answer({ type: 'head', head: entries.length, epoch });
          },
        );
      case 'appendFence': {
        const batch = this.batch(question.version, question.epoch, [fence]);
        return this.append(documentId, batch, (outcome) => answer({ type: 'fence', outcome }));
      }
      case 'wait':
        return this.#process.after(question.ms, () => answer({ type: 'waited' }));
    }
  }

  batch(firstVersion: number, epoch: number, entries: readonly Entry[]): BatchRow {
    return { id: `${this.#name}/${++this.#batches}`, firstVersion, epoch, entries };
  }

  /** @param done runs in the process */
  append(documentId: string, batch: BatchRow, done: (outcome: AppendOutcome) => void): void {
    const attempt = new this.#cores.AppendAttempt(batch.id);
    const step = (input: AppendInput): void => {
      for (const effect of attempt.step(input)) {
        if (effect.type === 'insert') this.#insert(documentId, batch, step);
        else if (effect.type === 'readBack') this.#readBack(documentId, batch, step);
        else if (effect.type === 'decided') done(effect.outcome);
        else this.#process.after(effect.ms, () => step({ type: 'timer' }));
      }
    };
    step({ type: 'start' });
  }

  #insert(documentId: string, batch: BatchRow, step: (input: AppendInput) => void): void {
    const { wrong, database } = this.#configuration;
    const inserted = this.#process.back<Answered<'written' | 'duplicate'>>((answer) =>
      step({ type: answer?.value ?? 'unknown' }),
    );
    const insert = insertBatch(documentId, batch);
    this.#link.write(insert, inserted, wrong.isWrittenByOne, database.lateAppendChance);
  }

  #readBack(documentId: string, batch: BatchRow, step: (input: AppendInput) => void): void {
    const found = this.#process.back<Answered<BatchRow | null>>((answer) =>
      step(
        answer === null
          ? { type: 'readFailed' }
          : { type: 'found', rowId: answer.value?.id ?? null },
      ),
    );
    const find = (rows: Rows): BatchRow | null => batchAt(rows, documentId, batch.firstVersion);
    this.#link.read(find, found, this.#configuration.wrong.isReadBackLocally);
  }
}
