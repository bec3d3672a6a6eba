/** Broadcasts what is durable. For the author of an operation the frame is the acknowledgement. */
import type { TextOperation } from '@concord/ot';
import type { CommittedOperation, OperationsMessage, ServerMessage } from '@concord/protocol';
import type { LoggedOperation } from '../../store/ports/store.ts';
import type { CommittedBatch } from './commit-log.ts';
import type { EffectSink } from './effect-sink.ts';
import type { FoldedText } from './folded-text.ts';
import type { Heartbeat } from './heartbeat.ts';
import type { Session, Sessions } from './sessions.ts';

/** Up to this size (UTF-16 units) an author gets his operation back: one frame for all, encoded once. */
const ECHO_MAX = 2_048;

export class Delivery {
  readonly #sessions: Sessions;
  readonly #text: FoldedText;
  readonly #heartbeat: Heartbeat;
  readonly #effects: EffectSink;

  constructor(sessions: Sessions, text: FoldedText, heartbeat: Heartbeat, effects: EffectSink) {
    this.#sessions = sessions;
    this.#text = text;
    this.#heartbeat = heartbeat;
    this.#effects = effects;
  }

  /** One frame for all, encoded once; authors of large operations get a frame without these. */
  deliver({ firstVersion, operations, clients }: CommittedBatch, now: number): void {
    if (this.#sessions.size === 0) return;
    const authors = new Set<Session>();
    for (const [index, { op }] of operations.entries()) {
      const client = isLarge(op) ? clients[index] : undefined;
      const author = client === undefined ? undefined : this.#sessions.ofClient(client);
      if (author !== undefined) authors.add(author);
    }
    const lastVersion = firstVersion + operations.length - 1;
    const due = this.#text.checksumWhenDue(lastVersion, now);
    const checksum = due === undefined ? {} : { checksum: due };
    const frame = (body: OperationsMessage): ServerMessage => ({ type: 'operations', body });
    for (const { number, client } of authors) {
      const forAuthor = operations.map((logged) =>
        logged.clientId === client.clientId && logged.author === client.userId
          ? withoutOperation(logged)
          : logged,
      );
      this.#effects.send(number, frame({ firstVersion, operations: forAuthor, ...checksum }));
    }
    this.#heartbeat.operationsBroadcast();
    const except = new Set([...authors].map(({ number }) => number));
    this.#effects.broadcast(frame({ firstVersion, operations, ...checksum }), except);
  }
}

/** Its effects stay: the author's state takes them as they are in the log. */
const withoutOperation = ({ op: _op, ...rest }: LoggedOperation): CommittedOperation => rest;

function isLarge(operation: TextOperation): boolean {
  let size = 0;
  for (const component of operation) if (typeof component === 'string') size += component.length;
  return size > ECHO_MAX;
}
