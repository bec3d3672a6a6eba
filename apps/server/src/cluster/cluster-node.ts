/**
 * A node of a cluster: carries out what its lease and its table of documents ask for (core/), over the store. It decides
 * nothing itself. See docs/cluster.md.
 *
 * Order matters in two places: the lease looks at the clock before the table takes anything in, and a lost lease drops
 * every document in the same turn of the event loop.
 */
import type { DocumentId } from '@concord/protocol';
import { NotHereError } from '../documents/not-here-error.ts';
import type { AcquireOptions } from '../documents/ownership.ts';
import type { ClusterMetrics } from '../platform/cluster-metrics.ts';
import type { Log } from '../platform/log.ts';
import type { ClusterStore, LiveLease } from '../store/ports/cluster-store.ts';
import { StoreError, type OperationLog } from '../store/ports/store.ts';
import { leaseTimes, NodeLease, type LeaseEffect, type LeaseInput, type LeaseTimes } from './core/node-lease.ts'; // prettier-ignore
import type { OwnershipEffect, OwnershipInput } from './core/ownership-io.ts';
import { OwnershipTable } from './core/ownership-table.ts';
import type { Member } from './core/rendezvous.ts';
import { OwnershipAnswers } from './ownership-answers.ts';

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
  readonly metrics?: ClusterMetrics;
  /** An administrator asked this node to drain; may be called again. */
  readonly drainRequested?: () => void;
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
/** The lease of a node's former process has ended by then. */
const NAMESAKE_AFTER_MS = 10_000;

export class ClusterNode {
  readonly #options: ClusterNodeOptions;
  readonly #times: LeaseTimes;
  readonly #now: () => number;
  readonly #lease: NodeLease;
  readonly #table = new OwnershipTable();
  readonly #answers: OwnershipAnswers;
  readonly #waiting = new Map<string, Waiting[]>();
  /** Documents that are open here. */
  readonly #owned = new Set<string>();
  #live: readonly LiveLease[] = [];
  /** By renewal that was written, when it was sent. */
  #renewedAt = NaN;
  /** Since when another server has the name of this one; null for none. */
  #namesakeSince: number | null = null;
  #isNamesakeLogged = false;
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
    const { store, log, logger, metrics = null } = options;
    this.#answers = new OwnershipAnswers({ store, log, logger, metrics });
  }

  /** Name of this node. */
  get node(): string {
    return this.#options.node;
  }
  get isDraining(): boolean {
    return this.#isDraining;
  }
  get ownedDocuments(): number {
    return this.#owned.size;
  }
  /** Since the newest renewal that was written was sent; NaN before the first. */
  get leaseAgeMs(): number {
    return this.#now() - this.#renewedAt;
  }
  /** Nodes whose leases live, as last read; this one may be among them. */
  live(): readonly LiveLease[] {
    return this.#live;
  }
  /** Whether this node has the document, and may answer for it. */
  owns(documentId: DocumentId): boolean {
    return this.#owned.has(documentId) && this.mayAnswer();
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
   */
  acquire(documentId: DocumentId, { isForwarded }: AcquireOptions): Promise<OwnedDocument> {
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

  /**
   * Hands every document over, and leaves the cluster. Resolves when that is done, or given up after the deadline. Where
   * documents are is known until {@link stop} all the same.
   */
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
    clearTimeout(this.#leaseTimer);
    clearTimeout(this.#tableTimer);
    await this.#ending;
  }

  /** Asks the database nothing more; after {@link drain}. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#membersTimer);
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
        this.#options.metrics?.leaseLost();
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
    const sentAt = this.#now();
    try {
      const outcome = await store.renewLease({ leaseId, node, address, publicUrl, weight, number, isDraining, mayInsert, leaseMs }); // prettier-ignore
      if (outcome === 'renewed') {
        this.#renewedAt = sentAt;
        this.#stepLease({ type: 'renewed', leaseId, number });
      }
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
      const { live, ended, drainRequested } = await this.#options.store.leases();
      this.#live = live;
      this.#lookForNamesake();
      this.#step({ type: 'members', live: live.map(memberOf), ended });
      const { leaseId } = this.#lease;
      if (leaseId !== null && drainRequested.includes(leaseId)) this.#options.drainRequested?.();
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'reading the members of the cluster failed');
    }
    this.#readMembersLater(MEMBERS_EVERY_MS);
  }

  /** Two servers of one name get each other's documents, and clients that are sent to the wrong one of them. */
  #lookForNamesake(): void {
    const { node, logger } = this.#options;
    const { leaseId } = this.#lease;
    const isThere = this.#live.some((each) => each.node === node && each.leaseId !== leaseId);
    if (!isThere || leaseId === null) {
      this.#namesakeSince = null;
      return;
    }
    this.#namesakeSince ??= this.#now();
    if (this.#isNamesakeLogged || this.#now() - this.#namesakeSince < NAMESAKE_AFTER_MS) return;
    this.#isNamesakeLogged = true;
    logger.error(
      { node },
      'another server of this database has the same name: give each its own by CONCORD_NODE',
    );
  }

  // --- Documents --------------------------------------------------------------------------------

  #step(input: OwnershipInput): void {
    // A lost lease drops every document before anything else is done with them.
    this.#stepLease({ type: 'look' });
    for (const effect of this.#table.step(input)) this.#run(effect);
  }

  #run(effect: OwnershipEffect): void {
    const { documents, metrics } = this.#options;
    switch (effect.type) {
      case 'ask':
        return void this.#ask(effect);
      case 'acquired': {
        const { epoch, head } = effect;
        this.#owned.add(effect.documentId);
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
        metrics?.handedOver(this.#isDraining ? 'drain' : 'ring');
        return documents.close(effect.documentId as DocumentId);
      case 'drop':
        metrics?.dropped();
        this.#owned.delete(effect.documentId);
        return documents.drop(effect.documentId as DocumentId);
      case 'released': {
        this.#owned.delete(effect.documentId);
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
    const answer = await this.#answers.answer(documentId as DocumentId, question);
    this.#step({ type: 'answered', documentId, ticket, answer });
  }
}

const memberOf = ({ leaseId, node, weight, isDraining }: LiveLease): Member => ({
  leaseId,
  node,
  weight: isDraining ? 0 : weight,
});
