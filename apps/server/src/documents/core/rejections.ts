/**
 * Rejections of submitted operations. One that is permanent consumes the sequence number and is repeated when the
 * operation is sent again (docs/protocol.md, "Exactly once"); one that is not leaves the number to be tried again.
 */
import { noOperation } from '@concord/ot';
import type { ClientId, RejectedMessage } from '@concord/protocol';
import type { Client, Clients } from './clients.ts';
import type { CommitLog } from './commit-log.ts';
import type { EffectSink } from './effect-sink.ts';

/** The reserved client of no-operations; no account or guest has such a user id. */
const FENCE_CLIENT = 'placeholderplaceholderplac' as ClientId;
const FENCE_AUTHOR = 'server';

interface Deferred {
  readonly session: number;
  readonly version: number;
  readonly rejection: RejectedMessage;
}

export class Rejections {
  readonly #log: CommitLog;
  readonly #clients: Clients;
  readonly #effects: EffectSink;
  /** A write of this owner is durable: no append of a former owner can land any more. */
  #isSettled = false;
  /** Permanent rejections that wait for the version to be durable, in order. */
  #deferred: Deferred[] = [];

  constructor(log: CommitLog, clients: Clients, effects: EffectSink) {
    this.#log = log;
    this.#clients = clients;
    this.#effects = effects;
  }

  send(session: number, body: RejectedMessage): void {
    this.#effects.send(session, { type: 'rejected', body });
  }

  /**
   * Permanent rejection: consumes the sequence number. Deferred until a write of this owner is durable, so that a
   * former owner's in-doubt append cannot land afterwards (docs/protocol.md, "A rejection is the truth").
   */
  reject(session: number, client: Client, rejection: RejectedMessage, now: number): void {
    const { seq } = rejection;
    client.decidedSeq = seq;
    client.rejection = rejection;
    if (this.#isSettled) return this.send(session, rejection);
    if (this.#log.newest === this.#log.head) this.#appendFence(now);
    this.#deferred.push({ session, version: this.#log.newest, rejection });
  }

  /**
   * Commits a no-op under a reserved client id, so that a late append of a former owner hits the unique key. Its
   * sequence numbers are those of the versions.
   */
  #appendFence(now: number): void {
    const client = this.#clients.learn(FENCE_CLIENT, FENCE_AUTHOR, null);
    this.#log.take(client, this.#log.newest + 1, noOperation, now);
  }

  /** Dedupe: a number that is decided already gets the same answer again, unless that is on its way. */
  repeat(session: number, client: Client, seq: number): void {
    const { rejection } = client;
    if (seq === rejection?.seq) return this.#isDeferred(client) ? undefined : this.send(session, rejection); // prettier-ignore
    // Not durable yet: the acknowledgement follows in the stream.
    if (seq > client.durableSeq) return;
    this.send(session, {
      seq,
      code: 'staleSequence',
      retryable: false,
      detail: 'This change was decided before.',
    });
  }

  /** A batch is durable: the rejections that waited for its versions are sent. */
  committed(): void {
    this.#isSettled = true;
    while (this.#deferred[0] !== undefined && this.#deferred[0].version <= this.#log.head) {
      const { session, rejection } = this.#deferred[0];
      this.send(session, rejection);
      this.#deferred.shift();
    }
  }

  /** Whether the client must be remembered for its rejection, or because it is the fence. */
  isNeeded(client: Client): boolean {
    return client.userId === FENCE_AUTHOR || this.#isDeferred(client);
  }

  /** Whether the newest rejection of the client was not sent yet. */
  #isDeferred(client: Client): boolean {
    return this.#deferred.some(({ rejection }) => rejection === client.rejection);
  }
}
