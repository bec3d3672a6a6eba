/**
 * The versions of one document: durable up to the head, then those in the append under way, then those gathered for
 * the next one. One append is in flight at a time; under load, batches grow by themselves (group commit).
 */
import type { Effect, TextOperation } from '@concord/ot';
import type { DocumentId } from '@concord/protocol';
import type { Batch, LoggedOperation } from '../../store/ports/store.ts';
import type { Client, Clients } from './clients.ts';
import type { OpenedDocument } from './document-messages.ts';
import type { EffectSink } from './effect-sink.ts';
import { RecentOperations } from './recent-operations.ts';

/** Back-pressure: with more than this gathered, the store is too slow for what arrives, and clients have to wait (I8). */
const GATHERED_OPERATIONS_MAX = 10_000;

/** What one append made durable. */
export interface CommittedBatch {
  readonly firstVersion: number;
  readonly operations: readonly LoggedOperation[];
  /** The client of each operation. */
  readonly clients: readonly Client[];
}

export class CommitLog {
  /** Operations up to the newest version, durable or not. */
  readonly recent: RecentOperations;
  readonly #documentId: DocumentId;
  readonly #clients: Clients;
  readonly #effects: EffectSink;
  #head: number;
  #appending: LoggedOperation[] = [];
  #gathered: LoggedOperation[] = [];
  #isFlushDue = false;

  constructor(opened: OpenedDocument, clients: Clients, effects: EffectSink) {
    const { documentId, version, text, tail } = opened;
    this.#documentId = documentId;
    this.#clients = clients;
    this.#effects = effects;
    this.recent = new RecentOperations(version, text.lengthCodePoints, tail);
    this.#head = this.recent.until;
    for (const [index, logged] of tail.entries()) clients.replay(logged, version + 1 + index);
  }

  /** The newest durable version (I1): what is sent to clients is never beyond it. */
  get head(): number {
    return this.#head;
  }
  /** The newest version, durable or on its way. */
  get newest(): number {
    return this.recent.until;
  }
  /** Operations taken in but not durable yet. */
  get undurable(): number {
    return this.#appending.length + this.#gathered.length;
  }
  /** Back-pressure: nothing more is taken in until the append under way ends. */
  get isFull(): boolean {
    return this.#gathered.length >= GATHERED_OPERATIONS_MAX;
  }

  /** Gives the operation the next version. It is durable, and broadcast, with the batch it belongs to. */
  take(
    client: Client,
    seq: number,
    op: TextOperation,
    now: number,
    effects?: readonly Effect[],
  ): void {
    const { clientId, userId: author } = client;
    const logged: LoggedOperation =
      effects === undefined
        ? { clientId, seq, author, at: now, op }
        : { clientId, seq, author, at: now, op, effects };
    this.recent.push(logged);
    client.decidedSeq = client.assignedSeq = seq;
    client.assignedVersion = this.recent.until;
    this.#gathered.push(logged);
    if (this.#appending.length > 0 || this.#isFlushDue) return;
    // What other sockets bring in the same turn of the event loop belongs to the same batch.
    this.#isFlushDue = true;
    this.#effects.push({ type: 'flushSoon' });
  }

  /** The flush that was asked for has come. */
  flushed(): void {
    this.#isFlushDue = false;
  }

  /** What was gathered, now under way to the log; null when there is nothing, or an append is in flight. */
  nextBatch(): Batch | null {
    if (this.#appending.length > 0 || this.#gathered.length === 0) return null;
    this.#appending = this.#gathered;
    this.#gathered = [];
    const firstVersion = this.#head + 1;
    return { documentId: this.#documentId, firstVersion, operations: this.#appending };
  }

  /** The append under way is durable: the head moves. */
  committed(): CommittedBatch {
    const operations = this.#appending;
    const firstVersion = this.#head + 1;
    this.#appending = [];
    this.#head += operations.length;
    const clients = operations.map((logged, index) =>
      this.#clients.committed(logged, firstVersion + index),
    );
    return { firstVersion, operations, clients };
  }
}
