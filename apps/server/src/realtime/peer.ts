/**
 * One connection, and what it says: parsed, put within its budgets, and handed to the owner of its document. What is
 * wrong with a message ends its sender alone.
 */
import { clientMessages, type DocumentId, type MovedMessage } from '@concord/protocol';
import type { Socket } from 'socket.io';
import { askerOf } from '../access/principal.ts';
import { displayName } from '../accounts/guest.ts';
import type { DocumentInput, StorageRefusal } from '../documents/core/document-messages.ts';
import { DAMAGED_DETAIL } from '../documents/damaged-documents.ts';
import { NotHereError } from '../documents/not-here-error.ts';
import { writerOf } from '../documents/quotas/quotas.ts';
import { costOfOperation } from '../documents/quotas/storage-cost.ts';
import { expiryOf } from '../http/visitor.ts';
import { networkOf } from '../platform/ip-network.ts';
import { CorruptionError } from '../store/ports/store.ts';
import type { Gateway, Refusal } from './gateway.ts';
import { storeRefusal } from './store-refusal.ts';
import type { Visitors } from './visitors.ts';

/** A fault of the server, while it handled what the peer said, ends this session alone. */
const FAULT: Refusal = {
  code: 'storeUnavailable',
  detail: 'The server could not handle this. Your text is kept; it is tried again.',
  retryable: true,
};
/** Another node has the document: it takes the client as soon as it comes. */
const MOVED: MovedMessage = { minDelayMs: 50, maxDelayMs: 500 };
const JOIN_FAILED = 'The document cannot be read now.';

interface Schema<T> {
  safeParse(
    body: unknown,
  ): { readonly success: true; readonly data: T } | { readonly success: false };
}

type Input = Extract<DocumentInput, { type: 'submit' | 'withdraw' | 'presence' | 'probe' }>;
type Submit = Extract<Input, { type: 'submit' }>;

/** The input that a message is to the owner; null when the message is malformed. */
type Parser = (session: number, body: unknown) => Input | null;

function parser<T>(schema: Schema<T>, input: (session: number, message: T) => Input): Parser {
  return (session, body) => {
    const parsed = schema.safeParse(body);
    return parsed.success ? input(session, parsed.data) : null;
  };
}

/** Messages for the owner, by type. */
const parsers: ReadonlyMap<unknown, Parser> = new Map([
  [
    'submit',
    parser(clientMessages.submit, (session, message) => ({ type: 'submit', session, message })),
  ],
  [
    'withdraw',
    parser(clientMessages.withdraw, (session, message) => ({ type: 'withdraw', session, message })),
  ],
  [
    'presence',
    parser(clientMessages.presence, (session, message) => ({ type: 'presence', session, message })),
  ],
  ['probe', parser(clientMessages.probe, (session) => ({ type: 'probe', session }))],
]);

export interface PeerOptions {
  readonly session: number;
  readonly documentId: DocumentId;
  readonly address: string;
  /** Another node sent it here: it is not sent on without need. */
  readonly isForwarded: boolean;
  readonly connection: Socket['conn'];
}

export class Peer {
  readonly #gateway: Gateway;
  readonly #visitors: Visitors;
  readonly #session: number;
  readonly #documentId: DocumentId;
  readonly #address: string;
  readonly #isForwarded: boolean;
  readonly #connection: Socket['conn'];
  /** What needs the store is handled in the order of arrival. */
  #turn = Promise.resolve();

  constructor(gateway: Gateway, visitors: Visitors, options: PeerOptions) {
    this.#gateway = gateway;
    this.#visitors = visitors;
    this.#session = options.session;
    this.#documentId = options.documentId;
    this.#address = options.address;
    this.#isForwarded = options.isForwarded;
    this.#connection = options.connection;
  }

  /** Handles one thing after the other. */
  inTurn(handle: () => Promise<void>): void {
    const { guard } = this.#gateway;
    this.#turn = this.#turn.then(() => guard.run('message', handle, () => this.#refuse(FAULT)));
  }

  /** A message, with type and body as they came from the wire. */
  said(type: unknown, body: unknown): void {
    const { guard, traces } = this.#gateway;
    const handle = (): void => this.#handle(type, body);
    const traced = (): void => traces?.received(this.#documentId, handle);
    const run = traces !== null && type === 'submit' ? traced : handle;
    void guard.run('message', run, () => this.#refuse(FAULT));
  }

  /** The connection is gone. */
  disconnected(): void {
    const left = (): void => this.#dispatch({ type: 'left', session: this.#session });
    left();
    // A join that is still being prepared finds out as well.
    this.inTurn(async () => left());
  }

  #handle(type: unknown, body: unknown): void {
    const parse = parsers.get(type);
    if (parse !== undefined) {
      const input = parse(this.#session, body);
      if (input === null) return this.#malformed(type);
      return input.type === 'submit' ? this.#submit(input) : this.#dispatch(input);
    }
    switch (type) {
      case 'join':
        this.#gateway.budgets.connections.joined(this.#connection);
        return this.inTurn(() => this.#queueJoin(body));
      case 'renew':
        return this.inTurn(() => this.#renew(body));
      case 'leave':
        return this.#dispatch({ type: 'left', session: this.#session });
      default:
        return this.#malformed(type);
    }
  }

  #submit(input: Submit): void {
    const { op, seq } = input.message;
    const retryAfterMs = this.#gateway.budgets.submit(this.#address);
    if (retryAfterMs > 0) return this.#putOff(seq, retryAfterMs);
    this.#dispatch({ ...input, refusal: this.#storageRefusal(op) });
  }

  /** All that write from this address together wrote too much: the operation is sent again in a moment. */
  #putOff(seq: number, retryAfterMs: number): void {
    const { metrics } = this.#gateway;
    metrics.workRefused('operations');
    metrics.rejected('rateLimited');
    const detail = 'Too many changes at once from your network; they are sent again in a moment.';
    const body = { seq, code: 'rateLimited', retryable: true, retryAfterMs, detail } as const;
    this.#gateway.send(this.#session, { type: 'rejected', body });
  }

  /** Charges the operation to its sender; why it cannot be stored now, or null. */
  #storageRefusal(op: unknown): StorageRefusal | null {
    const principal = this.#visitors.of(this.#session)?.principal;
    // Without a proof there is no session of the document either: nothing is stored of it.
    if (principal === undefined || principal.kind === 'nobody') return null;
    const { quotas } = this.#gateway.services;
    const writer = writerOf(principal, this.#address);
    return quotas.admit(writer, this.#documentId, costOfOperation(op));
  }

  /** Joins take turns; one that would wait for too long is to come again later. */
  async #queueJoin(body: unknown): Promise<void> {
    const { guard, metrics, budgets } = this.#gateway;
    const session = this.#session;
    const visitor = this.#visitors.of(session);
    if (visitor === undefined) return;
    const run = async (): Promise<void> => {
      await guard.run(
        'message',
        () => this.#join(body),
        () => this.#refuse(storeRefusal(null, JOIN_FAILED)),
      );
      // The connection may have gone while its join was prepared.
      if (this.#visitors.of(session) === undefined) this.#dispatch({ type: 'left', session });
    };
    const join = { session, address: networkOf(this.#address), run };
    const retryAfterMs = await budgets.joins.add(join, `${visitor.userId} ${this.#documentId}`);
    if (retryAfterMs === 0) return;
    metrics.workRefused('joins');
    this.#visitors.left(session, this.#documentId);
    const detail = 'This document was opened too often at once. It is tried again by itself.';
    this.#refuse({ code: 'rateLimited', detail, retryable: true, retryAfterMs });
  }

  async #join(body: unknown): Promise<void> {
    const { documents, services, store } = this.#gateway;
    const session = this.#session;
    const id = this.#documentId;
    const isForwarded = this.#isForwarded;
    const visitor = this.#visitors.of(session);
    if (visitor === undefined) return;
    const parsed = clientMessages.join.safeParse(body);
    if (!parsed.success || parsed.data.docId !== id) return this.#malformed('join');
    const { userId, principal } = visitor;
    try {
      const [document, name] = await Promise.all([
        documents.open(id, { isForwarded }),
        displayName(store, userId),
        // Known before the first submission is judged.
        services.quotas.know(userId),
      ]);
      if (document === null) {
        const detail = 'There is no such document, or it is not shared with you.';
        return this.#refuse({ code: 'notFound', detail });
      }
      if (this.#visitors.of(session) === undefined) return;
      // The document may have left memory while the name was looked up.
      const running = documents.running(id) ?? (await documents.open(id, { isForwarded }));
      running?.dispatch({
        type: 'join',
        session,
        userId,
        name,
        atMost: askerOf(principal).atMost,
        authorizedUntil: expiryOf(principal),
        message: parsed.data,
      });
    } catch (error) {
      if (error instanceof CorruptionError) {
        return this.#refuse({ code: 'storeUnavailable', detail: DAMAGED_DETAIL });
      }
      // The node that it reaches next sends it on to the owner.
      if (error instanceof NotHereError) return this.#gateway.move(session, MOVED);
      this.#gateway.fewLines.error({ document: id, err: error }, 'join failed');
      this.#refuse(storeRefusal(error, JOIN_FAILED));
    }
  }

  async #renew(body: unknown): Promise<void> {
    if (this.#visitors.of(this.#session) === undefined) return;
    const parsed = clientMessages.renew.safeParse(body);
    if (!parsed.success) return this.#malformed('renew');
    await this.#visitors.renew(this.#session, parsed.data.token);
  }

  #dispatch(input: DocumentInput): void {
    this.#gateway.documents.running(this.#documentId)?.dispatch(input);
  }

  /** @param type as it came from the wire, where names may be anything */
  #malformed(type: unknown): void {
    this.#dispatch({ type: 'left', session: this.#session });
    const name = typeof type === 'string' ? JSON.stringify(type.slice(0, 40)) : 'without a name';
    const detail = `The message ${name} is not of this protocol.`;
    this.#refuse({ code: 'malformedMessage', detail });
  }

  #refuse(refusal: Refusal): void {
    this.#gateway.refuse(this.#session, refusal);
  }
}
