/**
 * What the owner knows of each client: which of its sequence numbers are decided. (clientId, seq) is
 * dense, so that one number per client says what was committed already (I4).
 *
 * Client ids are public, so that an id alone proves nothing: a client is a client id *of one person*. A person who
 * joins under another's id is another client, and cannot disturb the other one.
 */
import type { ClientId, RejectedMessage } from '@concord/protocol';
import type { ClientPosition, LoggedOperation } from '../../store/ports/store.ts';

export interface Client {
  readonly clientId: ClientId;
  readonly userId: string;
  /** Highest sequence number given a version or rejected. */
  decidedSeq: number;
  /** Highest sequence number in the log, and its version; 0 for none. */
  durableSeq: number;
  durableVersion: number;
  /** Sequence number of its newest operation, durable or on its way. */
  assignedSeq: number;
  /** Version of its newest operation, durable or on its way: a base below it would be a lie. */
  assignedVersion: number;
  /** The newest rejection, repeated when the client did not hear of it. */
  rejection: RejectedMessage | null;
  /** Highest epoch that joined; lower ones are dead. */
  epoch: number;
  /** Not forgotten before this (milliseconds since 1970): what the REST API read of it in the log may be older. */
  neededUntil: number;
}

/** Clients remembered. The others are looked up in the log when they join: it has what must not be forgotten. */
export const CLIENTS_MAX = 5_000;
/** Clients looked at, at most, when one shall be forgotten. */
const LOOKS = 16;

export class Clients {
  /** Who was needed longest ago comes first. */
  readonly #clients = new Map<string, Client>();

  get size(): number {
    return this.#clients.size;
  }

  get(clientId: ClientId, userId: string): Client | undefined {
    const key = keyOf(clientId, userId);
    const client = this.#clients.get(key);
    if (client !== undefined) this.#touch(key, client);
    return client;
  }

  /**
   * Forgets clients beyond CLIENTS_MAX, those first that were needed longest ago.
   *
   * @param isNeeded whether something is known of the client that the log does not have
   */
  forget(isNeeded: (client: Client) => boolean): void {
    let looks = 0;
    for (const [key, client] of this.#clients) {
      if (this.#clients.size <= CLIENTS_MAX || looks++ === LOOKS) return;
      if (isNeeded(client)) this.#touch(key, client);
      else this.#clients.delete(key);
    }
  }

  #touch(key: string, client: Client): void {
    this.#clients.delete(key);
    this.#clients.set(key, client);
  }

  /** The client, with what the log says of it when it is new here. */
  learn(clientId: ClientId, userId: string, position: ClientPosition | null): Client {
    const known = this.get(clientId, userId);
    if (known !== undefined) return known;
    const seq = position?.seq ?? 0;
    const version = position?.version ?? 0;
    const client: Client = {
      clientId,
      userId,
      decidedSeq: seq,
      durableSeq: seq,
      durableVersion: version,
      assignedSeq: seq,
      assignedVersion: version,
      rejection: null,
      epoch: 0,
      neededUntil: 0,
    };
    this.#clients.set(keyOf(clientId, userId), client);
    return client;
  }

  /** An operation of the log, read when the document was opened, which produced `version`. */
  replay({ clientId, author, seq }: LoggedOperation, version: number): void {
    const client = this.learn(clientId, author, { seq, version });
    client.decidedSeq = client.durableSeq = seq;
    client.assignedSeq = seq;
    client.assignedVersion = client.durableVersion = version;
  }

  /** The operation is durable; returns its client. */
  committed({ clientId, author, seq }: LoggedOperation, version: number): Client {
    const client = this.learn(clientId, author, null);
    client.durableSeq = seq;
    client.durableVersion = version;
    return client;
  }
}

const keyOf = (clientId: ClientId, userId: string): string => `${clientId} ${userId}`;
