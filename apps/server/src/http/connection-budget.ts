/**
 * Connections of the transport below Socket.IO (a handshake makes one, whether or not anything follows): how many an
 * address may have, how fast it may make them, and how long one may stay without joining a document.
 */
import {
  CONNECTIONS_PER_ADDRESS,
  HANDSHAKES_BURST,
  HANDSHAKES_PER_SECOND,
  JOIN_DEADLINE_MS,
  POLLING_HANDSHAKES_BURST,
  POLLING_HANDSHAKES_PER_SECOND,
} from '@concord/protocol';
import type { Socket } from 'socket.io';
import { networkOf } from '../platform/ip-network.ts';
import { Counts } from './counts.ts';
import { RateTable } from '../platform/rate-table.ts';

type EngineConnection = Socket['conn'];

export interface ConnectionBudgetOptions {
  readonly refused: (kind: 'handshakes' | 'connections') => void;
  /** Ends a connection that did not join in time. */
  readonly expired: (connection: EngineConnection) => void;
  readonly joinDeadlineMs?: number;
}

export class ConnectionBudget {
  readonly #options: ConnectionBudgetOptions;
  /** By address, an IPv6 network of one customer counting as one. */
  readonly #open = new Counts();
  /** By transport: those who flood one leave the other to the people behind the same address. */
  readonly #handshakes = {
    websocket: new RateTable({ perSecond: HANDSHAKES_PER_SECOND, burst: HANDSHAKES_BURST }),
    polling: new RateTable({
      perSecond: POLLING_HANDSHAKES_PER_SECOND,
      burst: POLLING_HANDSHAKES_BURST,
    }),
  };
  readonly #deadlines = new Map<EngineConnection, NodeJS.Timeout>();

  constructor(options: ConnectionBudgetOptions) {
    this.#options = options;
  }

  /** Whether one more may be made; asked before anything is allocated for it. */
  allows(address: string, transport: 'websocket' | 'polling'): boolean {
    const network = networkOf(address);
    if (this.#open.of(network) >= CONNECTIONS_PER_ADDRESS) {
      this.#options.refused('connections');
      return false;
    }
    if (this.#handshakes[transport].take(network) === 0) return true;
    this.#options.refused('handshakes');
    return false;
  }

  /** Open connections of all addresses that did not join yet. */
  get unjoined(): number {
    return this.#deadlines.size;
  }

  opened(connection: EngineConnection, address: string): void {
    const network = networkOf(address);
    const { expired, joinDeadlineMs = JOIN_DEADLINE_MS } = this.#options;
    this.#open.add(network);
    this.#deadlines.set(
      connection,
      setTimeout(() => expired(connection), joinDeadlineMs),
    );
    connection.once('close', () => {
      this.#open.remove(network);
      this.joined(connection);
    });
  }

  /** It asked for a document: from here on its session decides how long it stays. */
  joined(connection: EngineConnection): void {
    clearTimeout(this.#deadlines.get(connection));
    this.#deadlines.delete(connection);
  }
}
