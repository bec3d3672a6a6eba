/**
 * The trace of an operation, from the frame of its author to the frame for all:
 *
 *   operation ─┬─ transform   the step of the owner: grant, validation, transform
 *              ├─ append      from handing its batch to the store until it is durable
 *              └─ broadcast   the acknowledgement, and the frames for the others
 *
 * Between transform and append it waits for its turn: the append before it, or the end of this turn of the event loop.
 * The owner knows nothing of it: an operation is recognised by its client and number.
 */
import { LRUCache } from 'lru-cache';
import type { ClientId, DocumentId } from '@concord/protocol';
import type { TraceSpan, Tracing } from '../platform/tracing.ts';
import type { Batch } from '../store/ports/store.ts';
import type { DocumentInput } from './core/document-messages.ts';

/** Operations without a decision yet; those beyond are ended as they are. */
const OPEN_MAX = 10_000;
const SESSIONS_MAX = 100_000;

/** An append under way; of the operations in it that are traced. */
export interface AppendTrace {
  failed(): void;
  durable(): void;
  /** All were told. */
  broadcast(): void;
}

export class OperationTraces {
  readonly #tracing: Tracing;
  /** By session. Of a document that was given up, none is told that it left. */
  readonly #clients = new LRUCache<number, ClientId>({ max: SESSIONS_MAX });
  readonly #open = new LRUCache<string, TraceSpan>({
    max: OPEN_MAX,
    dispose: (span, _key, reason) => {
      if (reason === 'evict') span.end('undecided');
    },
  });
  /** Of the frame that is being handled, until its owner takes it. */
  #received: TraceSpan | null = null;

  constructor(tracing: Tracing) {
    this.#tracing = tracing;
  }

  /** A submission has arrived. @param handle hands it to its owner, before it returns */
  received(documentId: DocumentId, handle: () => void): void {
    const span = this.#tracing.start('operation', { 'concord.document': documentId });
    this.#received = span;
    try {
      handle();
    } finally {
      // Malformed, put off, or for a document that is not open.
      if (this.#received === span) span.end('notTaken');
      this.#received = null;
    }
  }

  /** A step of the owner. */
  step<Effects>(documentId: DocumentId, input: DocumentInput, run: () => Effects): Effects {
    if (input.type === 'join') this.#clients.set(input.session, input.message.clientId);
    if (input.type === 'left') this.#clients.delete(input.session);
    const operation = this.#received;
    const clientId = input.type === 'submit' ? this.#clients.get(input.session) : undefined;
    if (operation === null || input.type !== 'submit' || clientId === undefined) return run();
    this.#received = null;
    const { seq } = input.message;
    operation.set({ 'concord.client': clientId, 'concord.seq': seq });
    this.#open.set(keyOf(documentId, clientId, seq), operation);
    const transform = operation.child('transform');
    try {
      return run();
    } finally {
      transform.end();
    }
  }

  rejected(documentId: DocumentId, session: number, seq: number, code: string): void {
    const clientId = this.#clients.get(session);
    if (clientId !== undefined) this.#take(documentId, clientId, seq)?.end(code);
  }

  /** The session is over. */
  dismissed(session: number): void {
    this.#clients.delete(session);
  }

  appending({ documentId, operations }: Batch): AppendTrace {
    const attributes = { 'concord.batch': operations.length };
    const traced = operations.flatMap(({ clientId, seq }) => {
      const operation = this.#take(documentId, clientId, seq);
      return operation === undefined
        ? []
        : [{ operation, part: operation.child('append', attributes) }];
    });
    return {
      failed: () => {
        for (const { operation, part } of traced) {
          part.end('failed');
          operation.end('failed');
        }
      },
      durable: () => {
        for (const each of traced) {
          each.part.end();
          each.part = each.operation.child('broadcast');
        }
      },
      broadcast: () => {
        for (const { operation, part } of traced) {
          part.end();
          operation.end();
        }
      },
    };
  }

  #take(documentId: DocumentId, clientId: ClientId, seq: number): TraceSpan | undefined {
    const key = keyOf(documentId, clientId, seq);
    const operation = this.#open.get(key);
    this.#open.delete(key);
    return operation;
  }
}

const keyOf = (documentId: DocumentId, clientId: ClientId, seq: number): string =>
  `${documentId} ${clientId} ${seq}`;
