/**
 * What the owner knows of each client: who may use the id, and which of its sequence numbers are decided.
 * (clientId, seq) is dense, so that one number per client says what was committed already (A7).
 */
import type { ClientId, RejectedMessage } from '@concord/protocol';
import type { ClientPosition, LoggedOperation } from '../store/store.ts';

export interface Client {
  /** Bound when first seen; nobody else may join under this client id. */
  readonly userId: string;
  /** Highest sequence number given a version or rejected. */
  decidedSeq: number;
  /** Highest sequence number in the log, and its version; 0 for none. */
  durableSeq: number;
  durableVersion: number;
  /** Version of its newest operation, durable or on its way: a base below it would be a lie. */
  assignedVersion: number;
  /** The newest rejection, repeated when the client did not hear of it. */
  rejection: RejectedMessage | null;
  /** Highest epoch that joined; lower ones are dead. */
  epoch: number;
}

export class Clients {
  readonly #clients = new Map<ClientId, Client>();

  get(clientId: ClientId): Client | undefined {
    return this.#clients.get(clientId);
  }

  /** Takes over what the log says; `userId` counts only for a client that the log does not know. */
  learn(clientId: ClientId, position: ClientPosition | null, userId: string): Client {
    const known = this.#clients.get(clientId);
    if (known !== undefined) return known;
    const seq = position?.seq ?? 0;
    const version = position?.version ?? 0;
    const client: Client = {
      userId: position?.author ?? userId,
      decidedSeq: seq,
      durableSeq: seq,
      durableVersion: version,
      assignedVersion: version,
      rejection: null,
      epoch: 0,
    };
    this.#clients.set(clientId, client);
    return client;
  }

  /** An operation of the log, read when the document was opened, which produced `version`. */
  replay(logged: LoggedOperation, version: number): void {
    const client = this.learn(logged.clientId, { ...logged, version }, logged.author);
    client.decidedSeq = logged.seq;
    client.assignedVersion = version;
    this.committed(logged, version);
  }

  committed({ clientId, seq }: LoggedOperation, version: number): void {
    const client = this.#clients.get(clientId);
    if (client === undefined) return;
    client.durableSeq = seq;
    client.durableVersion = version;
  }
}
