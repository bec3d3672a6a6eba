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
import { perSecond } from '../platform/limits/buckets.ts';
import type { LimitState } from '../platform/limits/limit-state.ts';

type EngineConnection = Socket['conn'];
type Transport = 'websocket' | 'polling';

/** By transport: those who flood one leave the other to the people behind the same address. */
const handshakeRules = {
  websocket: perSecond(HANDSHAKES_PER_SECOND, HANDSHAKES_BURST),
  polling: perSecond(POLLING_HANDSHAKES_PER_SECOND, POLLING_HANDSHAKES_BURST),
} as const;

export interface ConnectionBudgetOptions {
  readonly limitState: Pick<LimitState, 'handshakes' | 'connections'>;
  readonly refused: (kind: 'handshakes' | 'connections') => void;
  /** Ends a connection that did not join in time, or is one too many. */
  readonly end: (connection: EngineConnection) => void;
  readonly joinDeadlineMs?: number;
}

export class ConnectionBudget {
  readonly #options: ConnectionBudgetOptions;
  readonly #deadlines = new Map<EngineConnection, NodeJS.Timeout>();

  constructor(options: ConnectionBudgetOptions) {
    this.#options = options;
  }

  /** Whether one more may be made; asked before anything is allocated for it. Rejects with StoreError. */
  async allows(address: string, transport: Transport): Promise<boolean> {
    const { limitState, refused } = this.#options;
    if (await limitState.connections.isFull(countedAs(address), CONNECTIONS_PER_ADDRESS)) {
      refused('connections');
      return false;
    }
    const key = `${transport} ${networkOf(address)}`;
    const { waitMs } = await limitState.handshakes.take([{ key, rule: handshakeRules[transport] }]);
    if (waitMs > 0) refused('handshakes');
    return waitMs === 0;
  }

  /** Open connections of all addresses that did not join yet. */
  get unjoined(): number {
    return this.#deadlines.size;
  }

  /**
   * Counts the connection as long as it is open. Many that were allowed at once may be too many together: the last ones
   * end here. Rejects with StoreError; the connection is not counted then, and is to be ended.
   */
  async opened(connection: EngineConnection, address: string): Promise<void> {
    const { limitState, refused, end, joinDeadlineMs = JOIN_DEADLINE_MS } = this.#options;
    this.#deadlines.set(
      connection,
      setTimeout(() => end(connection), joinDeadlineMs),
    );
    let isOpen = true;
    connection.once('close', () => {
      isOpen = false;
      this.joined(connection);
    });
    const key = countedAs(address);
    const isCounted = await limitState.connections.take(key, CONNECTIONS_PER_ADDRESS);
    if (!isCounted) {
      refused('connections');
      return end(connection);
    }
    const release = (): void => void limitState.connections.release(key);
    // It may have closed while it was being counted.
    if (isOpen) connection.once('close', release);
    else release();
  }

  /** It asked for a document: from here on its session decides how long it stays. */
  joined(connection: EngineConnection): void {
    clearTimeout(this.#deadlines.get(connection));
    this.#deadlines.delete(connection);
  }
}

/** An IPv6 network of one customer counts as one. */
const countedAs = (address: string): string => `address ${networkOf(address)}`;
