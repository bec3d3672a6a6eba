/** What the gateway spends on whom: handshakes and connections, joins, operations of an address, unread bytes. */
import type { Server as HttpServer } from 'node:http';
import {
  JOINS_BURST,
  JOINS_PER_ADDRESS_BURST,
  JOINS_PER_ADDRESS_PER_SECOND,
  JOINS_PER_SECOND,
  WRITERS_PER_ADDRESS,
  type Limits,
} from '@concord/protocol';
import type { Socket } from 'socket.io';
import { networkOf } from '../platform/ip-network.ts';
import type { ServerMetrics } from '../platform/metrics.ts';
import { ConnectionBudget } from '../http/connection-budget.ts';
import { JoinQueue } from './join-queue.ts';
import { Outbox } from './outbox.ts';
import { RateTable } from '../platform/rate-table.ts';

export interface GatewayBudgetsOptions {
  readonly limits: Limits;
  readonly metrics: ServerMetrics;
  /** Ends a connection that did not join in time. */
  readonly expired: (connection: Socket['conn']) => void;
}

export class GatewayBudgets {
  readonly connections: ConnectionBudget;
  readonly joins: JoinQueue;
  readonly outbox: Outbox;
  readonly #submissions: RateTable;

  constructor(server: HttpServer, { limits, metrics, expired }: GatewayBudgetsOptions) {
    this.outbox = new Outbox(server, {
      cut: () => {
        metrics.refused('slowReader');
        metrics.workRefused('readers');
      },
    });
    this.connections = new ConnectionBudget({
      refused: (kind) => metrics.workRefused(kind),
      expired,
    });
    this.joins = new JoinQueue({
      people: new RateTable({ perSecond: JOINS_PER_SECOND, burst: JOINS_BURST }),
      addresses: new RateTable({
        perSecond: JOINS_PER_ADDRESS_PER_SECOND,
        burst: JOINS_PER_ADDRESS_BURST,
      }),
      isBlocked: (address) => this.outbox.isFull(address),
    });
    this.#submissions = new RateTable({
      perSecond: WRITERS_PER_ADDRESS * limits.operationsPerSecond,
      burst: WRITERS_PER_ADDRESS * limits.operationsBurst,
    });
    metrics.observeGateway({
      waitingBytes: () => this.outbox.waiting,
      waitingJoins: () => this.joins.size,
      unjoinedConnections: () => this.connections.unjoined,
    });
  }

  /** A connection of the transport was made, whatever follows. */
  opened(connection: Socket['conn'], address: string): void {
    this.connections.opened(connection, address);
    this.outbox.add(connection, networkOf(address));
  }

  /** Takes one operation of an address: 0, or how many milliseconds to wait for the next. */
  submit(address: string): number {
    return this.#submissions.take(networkOf(address));
  }

  close(): void {
    this.joins.close();
  }
}
