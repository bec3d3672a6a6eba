/** Asks the database what the ownership of documents wants to know (core/ownership-io.ts). */
import type { ClientId, DocumentId } from '@concord/protocol';
import type { ClusterMetrics } from '../platform/cluster-metrics.ts';
import type { Log } from '../platform/log.ts';
import { neverOwned, type ClusterStore, type OwnershipRow } from '../store/ports/cluster-store.ts';
import { DuplicateBatchError, FencedError, type OperationLog } from '../store/ports/store.ts';
import type { OwnershipAnswer, OwnershipQuestion } from './core/ownership-io.ts';

export interface OwnershipAnswersOptions {
  readonly store: ClusterStore;
  readonly log: Pick<OperationLog, 'append' | 'headVersion' | 'epoch'>;
  readonly logger: Log;
  readonly metrics: Pick<ClusterMetrics, 'tookOver' | 'fenced'> | null;
}

type Swap = Extract<OwnershipQuestion, { readonly type: 'swapRow' }>;
type Fence = Extract<OwnershipQuestion, { readonly type: 'appendFence' }>;

/** As the owner's own fences (documents/core/rejections.ts). */
const FENCE_CLIENT = 'placeholderplaceholderplac' as ClientId;
const FENCE_AUTHOR = 'server';

export class OwnershipAnswers {
  readonly #options: OwnershipAnswersOptions;

  constructor(options: OwnershipAnswersOptions) {
    this.#options = options;
  }

  async answer(documentId: DocumentId, question: OwnershipQuestion): Promise<OwnershipAnswer> {
    const { store, log, logger } = this.#options;
    try {
      switch (question.type) {
        case 'readRow':
          return { type: 'row', row: await this.#row(documentId) };
        case 'swapRow':
          return { type: 'swapped', outcome: await this.#swap(documentId, question) };
        case 'endLease':
          return { type: 'leaseEnd', outcome: await store.endLease(question.leaseId, false) };
        case 'readHead': {
          // In this order: an epoch that is newer than the head is noticed, an older one is not.
          const head = await log.headVersion(documentId);
          return { type: 'head', head, epoch: await log.epoch(documentId) };
        }
        case 'appendFence':
          await this.#appendFence(documentId, question);
          return { type: 'fence', outcome: 'appended' };
        case 'wait':
          await new Promise((resolve) => setTimeout(resolve, question.ms));
          return { type: 'waited' };
      }
    } catch (error) {
      logger.warn({ document: documentId, err: error }, `taking over: ${question.type} failed`);
      return failureOf(question, error);
    }
  }

  /**
   * A log that was written without a cluster (by one server, or copied from files) has epochs, but no row: it gets one, so
   * that the next owner's epoch is higher than those of the log.
   */
  async #row(documentId: DocumentId): Promise<OwnershipRow> {
    const { store, log } = this.#options;
    const row = await store.ownerOf(documentId);
    if (row.epoch > 0) return row;
    const epoch = await log.epoch(documentId);
    if (epoch === 0) return row;
    // Another node may do the same, or take the document meanwhile: the row is read again in any case.
    await store.swapOwner(documentId, neverOwned, { epoch, owner: null, head: null });
    return store.ownerOf(documentId);
  }

  async #swap(documentId: DocumentId, { expected, row }: Swap): Promise<'won' | 'lost'> {
    const { store, metrics } = this.#options;
    const outcome = await store.swapOwner(documentId, expected, row);
    if (outcome === 'won' && row.owner !== null) metrics?.tookOver();
    return outcome;
  }

  async #appendFence(documentId: DocumentId, { version, epoch }: Fence): Promise<void> {
    const fence = { clientId: FENCE_CLIENT, seq: version, author: FENCE_AUTHOR, at: Date.now(), op: [] }; // prettier-ignore
    await this.#options.log.append({
      documentId,
      firstVersion: version,
      epoch,
      operations: [fence],
    });
    this.#options.metrics?.fenced();
  }
}

/** A write that failed may have been carried out. */
function failureOf({ type }: OwnershipQuestion, error: unknown): OwnershipAnswer {
  if (type === 'swapRow') return { type: 'swapped', outcome: 'unknown' };
  if (type === 'endLease') return { type: 'leaseEnd', outcome: 'unknown' };
  if (type !== 'appendFence') return { type: 'failed' };
  const isFenced = error instanceof DuplicateBatchError || error instanceof FencedError;
  return { type: 'fence', outcome: isFenced ? 'fenced' : 'inDoubt' };
}
