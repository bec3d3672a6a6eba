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
import { BucketTable } from '../platform/limits/bucket-table.ts';
import { perSecond, type BucketRule } from '../platform/limits/buckets.ts';
import type { LimitState } from '../platform/limits/limit-state.ts';

export interface GatewayBudgetsOptions {
  readonly limits: Limits;
  readonly metrics: ServerMetrics;
  /** Ends a connection that did not join in time, or is one too many. */
  readonly end: (connection: Socket['conn']) => void;
  readonly limitState: Pick<LimitState, 'handshakes' | 'joins' | 'connections'>;
}

export class GatewayBudgets {
  readonly connections: ConnectionBudget;
  readonly joins: JoinQueue;
  readonly outbox: Outbox;
  /**
   * Of this process, and not behind the port: every keystroke passes it, and it bounds the work that an address makes for
   * this process. With several servers an address has as much of each; what a person writes in one document is bounded
   * for all of them, by the one owner that the document has (documents/core/submission-allowances.ts).
   */
  readonly #submissions = new BucketTable();
  readonly #submissionRule: BucketRule;

  constructor(server: HttpServer, { limits, metrics, end, limitState }: GatewayBudgetsOptions) {
    this.outbox = new Outbox(server, {
      cut: () => {
        metrics.refused('slowReader');
        metrics.workRefused('readers');
      },
    });
    this.connections = new ConnectionBudget({
      limitState,
      refused: (kind) => metrics.workRefused(kind),
      end,
    });
    this.joins = new JoinQueue({
      buckets: limitState.joins,
      ofPerson: perSecond(JOINS_PER_SECOND, JOINS_BURST),
      ofAddress: perSecond(JOINS_PER_ADDRESS_PER_SECOND, JOINS_PER_ADDRESS_BURST),
      isBlocked: (address) => this.outbox.isFull(address),
    });
    this.#submissionRule = perSecond(
      WRITERS_PER_ADDRESS * limits.operationsPerSecond,
      WRITERS_PER_ADDRESS * limits.operationsBurst,
    );
    metrics.observeGateway({
      waitingBytes: () => this.outbox.waiting,
      waitingJoins: () => this.joins.size,
      unjoinedConnections: () => this.connections.unjoined,
    });
  }

  /** A connection of the transport was made, whatever follows. Rejects with StoreError when it cannot be counted. */
  opened(connection: Socket['conn'], address: string): Promise<void> {
    this.outbox.add(connection, networkOf(address));
    return this.connections.opened(connection, address);
  }

  /** Takes one operation of an address: 0, or how many milliseconds to wait for the next. */
  submit(address: string): number {
    return this.#submissions.takeOne({ key: networkOf(address), rule: this.#submissionRule });
  }

  close(): void {
    this.joins.close();
  }
}
