/**
 * A node of a cluster: carries out what its lease and its table of documents ask for (core/), over the store. It decides
 * nothing itself. See docs/cluster.md.
 *
 * Order matters in two places: the lease looks at the clock before the table takes anything in, and a lost lease drops
 * every document in the same turn of the event loop.
 */
import type { ClientId, DocumentId } from '@concord/protocol';
import type { Log } from '../platform/log.ts';
import type { ClusterStore, LiveLease } from '../store/ports/cluster-store.ts';
import {
  DuplicateBatchError,
  FencedError,
  StoreError,
  type OperationLog,
} from '../store/ports/store.ts';
import { leaseTimes, NodeLease, type LeaseEffect, type LeaseInput, type LeaseTimes } from './core/node-lease.ts'; // prettier-ignore
import type { OwnershipAnswer, OwnershipEffect, OwnershipInput, OwnershipQuestion } from './core/ownership-io.ts'; // prettier-ignore
import { OwnershipTable } from './core/ownership-table.ts';
import type { Member } from './core/rendezvous.ts';
import { NotHereError } from '../documents/not-here-error.ts';

/** Documents in memory, as the cluster sees them. */
export interface ClusterDocuments {
  /** Orderly: it stops taking in, writes what it has and a checkpoint; then `closed` of the node is called. */
  close(documentId: DocumentId): void;
  /** At once, without a write. */
  drop(documentId: DocumentId): void;
  /** @param next where its clients may go; null for not known */
  released(documentId: DocumentId, next: LiveLease | null): void;
}

export interface ClusterNodeOptions {
  readonly store: ClusterStore;
  readonly log: Pick<OperationLog, 'append' | 'headVersion' | 'epoch'>;
  readonly documents: ClusterDocuments;
  readonly node: string;
  /** See {@link LiveLease}, as the next. */
  readonly address: string;
  readonly publicUrl: string | null;
  readonly weight: number;
  readonly logger: Log;
  /** Random bits, for lease ids. */
  readonly randomId: () => string;
  readonly times?: LeaseTimes;
  /** Milliseconds, never put back. */
  readonly monotonicNow?: () => number;
}

export interface OwnedDocument {
  readonly epoch: number;
  /** What is read of the log must reach this version. */
  readonly head: number;
}

interface Waiting {
  readonly resolve: (owned: OwnedDocument) => void;
  readonly reject: (error: Error) => void;
}

/** How soon a dead node is noticed, after its lease ended. */
const MEMBERS_EVERY_MS = 300;
const JOINS_AGAIN_MS = 200;
/** As the owner's own fences (documents/core/rejections.ts). */
const FENCE_CLIENT = 'placeholderplaceholderplac' as ClientId;
const FENCE_AUTHOR = 'server';

export class ClusterNode {
  readonly #options: ClusterNodeOptions;
  readonly #times: LeaseTimes;
  readonly #now: () => number;
  readonly #lease: NodeLease;
  readonly #table = new OwnershipTable();
  readonly #waiting = new Map<string, Waiting[]>();
  #live: readonly LiveLease[] = [];
  #leaseTimer: NodeJS.Timeout | undefined;
  #tableTimer: NodeJS.Timeout | undefined;
  #membersTimer: NodeJS.Timeout | undefined;
  #isStopped = false;
  #isDraining = false;
  #drained: (() => void) | null = null;
  #draining: Promise<void> | null = null;
  /** The last write of the own lease. */
  #ending: Promise<unknown> = Promise.resolve();

  constructor(options: ClusterNodeOptions) {
    const { times = leaseTimes, monotonicNow = () => performance.now() } = options;
    this.#options = options;
    this.#times = times;
    this.#now = monotonicNow;
    this.#lease = new NodeLease(times);
  }

  /** Joins the cluster. Documents can be acquired a moment later. */
  start(): void {
    this.#join();
    this.#readMembersLater(0);
  }

  /** Asked right before each answer that concerns a document of this node, reads included. */
  mayAnswer(): boolean {
    return this.#lease.mayAnswer(this.#now());
  }

  /**
   * Takes the document over. Rejects with {@link NotHereError}, or with a StoreError that is worth another attempt.
   * @param isForwarded another node sent the client here
   */
  acquire(documentId: DocumentId, isForwarded: boolean): Promise<OwnedDocument> {
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(documentId) ?? [];
      this.#waiting.set(documentId, [...waiting, { resolve, reject }]);
      this.#step({ type: 'acquire', documentId, isForwarded });
    });
  }

  /** The document left memory: {@link OwnershipInput}, `closed`. Not for one that was dropped. */
  closed(documentId: DocumentId, epoch: number, head: number, isClean: boolean): void {
    this.#step({ type: 'closed', documentId, epoch, head, isClean });
  }

  /** Hands every document over, and leaves the cluster. Resolves when that is done, or given up after the deadline. */
  drain(deadlineMs: number): Promise<void> {
    this.#draining ??= this.#drain(deadlineMs);
    return this.#draining;
  }

  async #drain(deadlineMs: number): Promise<void> {
    const drained = new Promise<void>((resolve) => (this.#drained = resolve));
    this.#isDraining = true;
    this.#stepLease({ type: 'drain' });
    this.#step({ type: 'drain' });
    const force = setTimeout(() => this.#step({ type: 'force' }), deadlineMs);
    await drained;
    clearTimeout(force);
    this.#stepLease({ type: 'leave' });
    this.#isStopped = true;
    clearTimeout(this.#leaseTimer);
    clearTimeout(this.#tableTimer);
    clearTimeout(this.#membersTimer);
    await this.#ending;
  }

  // --- The lease --------------------------------------------------------------------------------

  #join(): void {
    const { node, randomId } = this.#options;
    this.#stepLease({ type: 'start', leaseId: `${node}-${randomId()}` });
  }

  #stepLease(input: LeaseInput): void {
    for (const effect of this.#lease.step(input, this.#now())) this.#runLease(effect);
  }

  #runLease(effect: LeaseEffect): void {
    const { logger, store } = this.#options;
    switch (effect.type) {
      case 'renew':
        return void this.#renew(effect);
      case 'startTimer':
        clearTimeout(this.#leaseTimer);
        this.#leaseTimer = setTimeout(() => this.#stepLease({ type: 'timer' }), effect.ms);
        return;
      case 'held':
        logger.info({ lease: effect.leaseId }, 'joined the cluster');
        this.#step({ type: 'leaseHeld', leaseId: effect.leaseId });
        return this.#readMembersLater(0);
      case 'lost':
        logger.warn(
          { lease: effect.leaseId },
          'the lease was not renewed in time; documents are dropped',
        );
        this.#step({ type: 'leaseLost' });
        setTimeout(() => {
          if (!this.#isDraining) this.#join();
        }, JOINS_AGAIN_MS).unref();
        return;
      case 'end':
        // Others end it when this fails.
        this.#ending = store.endLease(effect.leaseId, true).catch((error: unknown) => {
          logger.warn({ lease: effect.leaseId, err: error }, 'ending the lease failed');
        });
    }
  }

  async #renew(renewal: Extract<LeaseEffect, { readonly type: 'renew' }>): Promise<void> {
    const { store, node, address, publicUrl, weight, logger } = this.#options;
    const { leaseId, number, isDraining, mayInsert } = renewal;
    const { leaseMs } = this.#times;
    try {
      const outcome = await store.renewLease({ leaseId, node, address, publicUrl, weight, number, isDraining, mayInsert, leaseMs }); // prettier-ignore
      if (outcome === 'renewed') this.#stepLease({ type: 'renewed', leaseId, number });
      if (outcome === 'ended') this.#stepLease({ type: 'ended', leaseId });
    } catch (error) {
      // The next one is sent all the same.
      logger.warn({ lease: leaseId, err: error }, 'renewing the lease failed');
    }
  }

  #readMembersLater(ms: number): void {
    if (this.#isStopped) return;
    clearTimeout(this.#membersTimer);
    this.#membersTimer = setTimeout(() => void this.#readMembers(), ms);
  }

  async #readMembers(): Promise<void> {
    try {
      const { live, ended } = await this.#options.store.leases();
      this.#live = live;
      this.#step({ type: 'members', live: live.map(memberOf), ended });
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'reading the members of the cluster failed');
    }
    this.#readMembersLater(MEMBERS_EVERY_MS);
  }

  // --- Documents --------------------------------------------------------------------------------

  #step(input: OwnershipInput): void {
    // A lost lease drops every document before anything else is done with them.
    this.#stepLease({ type: 'look' });
    for (const effect of this.#table.step(input)) this.#run(effect);
  }

  #run(effect: OwnershipEffect): void {
    const { documents } = this.#options;
    switch (effect.type) {
      case 'ask':
        return void this.#ask(effect);
      case 'acquired': {
        const { epoch, head } = effect;
        return this.#settle(effect.documentId, ({ resolve }) => resolve({ epoch, head }));
      }
      case 'elsewhere': {
        const owner = this.#leaseOf(effect.member);
        if (owner === null) return this.#notAcquired(effect.documentId);
        return this.#settle(effect.documentId, ({ reject }) => reject(new NotHereError(owner)));
      }
      case 'notAcquired':
        return this.#notAcquired(effect.documentId);
      case 'close':
        return documents.close(effect.documentId as DocumentId);
      case 'drop':
        return documents.drop(effect.documentId as DocumentId);
      case 'released': {
        const next = effect.next === null ? null : this.#leaseOf(effect.next);
        return documents.released(effect.documentId as DocumentId, next);
      }
      case 'startTimer':
        clearTimeout(this.#tableTimer);
        this.#tableTimer = setTimeout(
          () => this.#step({ type: 'timer', random: Math.random() }),
          effect.ms,
        );
        return;
      case 'drained':
        this.#drained?.();
    }
  }

  #settle(documentId: string, settle: (waiting: Waiting) => void): void {
    const waiting = this.#waiting.get(documentId) ?? [];
    this.#waiting.delete(documentId);
    for (const each of waiting) settle(each);
  }

  #notAcquired(documentId: string): void {
    const detail = 'The document is moving between servers. It is tried again in a moment.';
    this.#settle(documentId, ({ reject }) => reject(new StoreError(detail, false)));
  }

  #leaseOf({ leaseId }: Member): LiveLease | null {
    return this.#live.find((lease) => lease.leaseId === leaseId) ?? null;
  }

  async #ask(asked: Extract<OwnershipEffect, { readonly type: 'ask' }>): Promise<void> {
    const { documentId, ticket, question } = asked;
    const answer = await this.#answerTo(documentId as DocumentId, question);
    this.#step({ type: 'answered', documentId, ticket, answer });
  }

  async #answerTo(documentId: DocumentId, question: OwnershipQuestion): Promise<OwnershipAnswer> {
    const { store, log, logger } = this.#options;
    try {
      switch (question.type) {
        case 'readRow':
          return { type: 'row', row: await store.ownerOf(documentId) };
        case 'swapRow': {
          const { expected, row } = question;
          return { type: 'swapped', outcome: await store.swapOwner(documentId, expected, row) };
        }
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

  async #appendFence(
    documentId: DocumentId,
    { version, epoch }: Extract<OwnershipQuestion, { readonly type: 'appendFence' }>,
  ): Promise<void> {
    const fence = { clientId: FENCE_CLIENT, seq: version, author: FENCE_AUTHOR, at: Date.now(), op: [] }; // prettier-ignore
    await this.#options.log.append({
      documentId,
      firstVersion: version,
      epoch,
      operations: [fence],
    });
  }
}

const memberOf = ({ leaseId, node, weight, isDraining }: LiveLease): Member => ({
  leaseId,
  node,
  weight: isDraining ? 0 : weight,
});

/** A write that failed may have been carried out. */
function failureOf({ type }: OwnershipQuestion, error: unknown): OwnershipAnswer {
  if (type === 'swapRow') return { type: 'swapped', outcome: 'unknown' };
  if (type === 'endLease') return { type: 'leaseEnd', outcome: 'unknown' };
  if (type !== 'appendFence') return { type: 'failed' };
  const isFenced = error instanceof DuplicateBatchError || error instanceof FencedError;
  return { type: 'fence', outcome: isFenced ? 'fenced' : 'inDoubt' };
}
