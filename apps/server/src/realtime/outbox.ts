/**
 * Back-pressure for slow readers, in bytes queued for them: packets that the transport has not taken, and what the
 * sockets have not written. A reader over its bound is disconnected; so are readers of the address with most bytes
 * while all together are over theirs. Responses of the REST API count as well.
 */
import type { Server as HttpServer } from 'node:http';
import type { Socket as NetSocket } from 'node:net';
import {
  OUTBOX_BYTES_MAX,
  OUTBOX_FRAMES_MAX,
  WAITING_BYTES_MAX,
  WAITING_BYTES_PER_ADDRESS,
} from '@concord/protocol';
import type { Socket } from 'socket.io';

type EngineConnection = Socket['conn'];

interface Packet {
  readonly data?: string | Buffer;
  readonly options?: { readonly wsPreEncodedFrame?: readonly Buffer[] };
}

interface Reader {
  readonly address: string;
  readonly waiting: number;
  readonly cut: () => void;
}

export interface OutboxOptions {
  /** Called when a reader was disconnected. */
  readonly cut: () => void;
  /** Milliseconds; for tests. */
  readonly now?: () => number;
}

/** A measurement is reused for this long: measuring thousands of readers takes a millisecond. */
const MEASURED_MS = 20;

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #sockets = new Set<NetSocket>();
  /** With the address each one counts for, which may be from a trusted proxy. */
  readonly #connections = new Map<EngineConnection, string>();
  #measured: { readonly at: number; readonly byAddress: ReadonlyMap<string, number> } | null = null;

  constructor(server: HttpServer, options: OutboxOptions) {
    this.#options = options;
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  add(connection: EngineConnection, address: string): void {
    this.#connections.set(connection, address);
    connection.once('close', () => this.#connections.delete(connection));
  }

  /** Bytes queued for all peers together. */
  get waiting(): number {
    let sum = 0;
    for (const bytes of this.#byAddress().values()) sum += bytes;
    return sum;
  }

  /** Whether so much is queued for this address that nothing large shall be sent to it now. */
  isFull(address: string): boolean {
    return (this.#byAddress().get(address) ?? 0) >= WAITING_BYTES_PER_ADDRESS;
  }

  /** Disconnects readers that are too far behind; they reconnect and catch up. */
  cutSlowReaders(): void {
    const readers: Reader[] = [];
    for (const reader of this.#readers()) {
      if (reader.waiting > OUTBOX_BYTES_MAX) this.#cut(reader);
      else readers.push(reader);
    }
    for (const [connection] of this.#connections) {
      if (packetsOf(connection).length > OUTBOX_FRAMES_MAX) this.#cut({ cut: () => connection.close(true) }); // prettier-ignore
    }
    let sum = readers.reduce((total, { waiting }) => total + waiting, 0);
    if (sum <= WAITING_BYTES_MAX) return;
    const byAddress = sumsOf(readers);
    const ofMost = readers.toSorted(
      (one, other) =>
        (byAddress.get(other.address) ?? 0) - (byAddress.get(one.address) ?? 0) ||
        other.waiting - one.waiting,
    );
    for (const reader of ofMost) {
      if (sum <= WAITING_BYTES_MAX / 2) return;
      this.#cut(reader);
      sum -= reader.waiting;
    }
  }

  #cut({ cut }: Pick<Reader, 'cut'>): void {
    this.#options.cut();
    cut();
  }

  #byAddress(): ReadonlyMap<string, number> {
    const { now = Date.now } = this.#options;
    const at = now();
    if (this.#measured === null || at - this.#measured.at >= MEASURED_MS) {
      this.#measured = { at, byAddress: sumsOf(this.#readers()) };
    }
    return this.#measured.byAddress;
  }

  *#readers(): Iterable<Reader> {
    const taken = new Set<NetSocket>();
    for (const [connection, address] of this.#connections) {
      const below = socketBelow(connection);
      if (below !== undefined) taken.add(below);
      const waiting = bytesOf(packetsOf(connection)) + (below?.writableLength ?? 0);
      if (waiting > 0) yield { address, waiting, cut: () => connection.close(true) };
    }
    for (const socket of this.#sockets) {
      const { writableLength: waiting } = socket;
      if (waiting === 0 || taken.has(socket)) continue;
      // Read last: this getter costs more than all the rest.
      const { remoteAddress: address = '' } = socket;
      yield { address, waiting, cut: () => socket.destroy() };
    }
  }
}

function sumsOf(readers: Iterable<Reader>): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { address, waiting } of readers) {
    sums.set(address, (sums.get(address) ?? 0) + waiting);
  }
  return sums;
}

function bytesOf(packets: readonly Packet[]): number {
  let bytes = 0;
  for (const { data, options } of packets) {
    bytes += options?.wsPreEncodedFrame?.[1]?.length ?? data?.length ?? 0;
  }
  return bytes;
}

/** Packets that the transport has not taken yet; Engine.IO has no public name for them. */
function packetsOf(connection: EngineConnection): readonly Packet[] {
  return (connection as unknown as { readonly writeBuffer: readonly Packet[] }).writeBuffer;
}

/** The socket of a WebSocket; a polling connection has one for each request. */
function socketBelow(connection: EngineConnection): NetSocket | undefined {
  const { transport } = connection as unknown as {
    readonly transport: {
      readonly name: string;
      readonly socket?: { readonly _socket?: NetSocket };
    };
  };
  return transport.name === 'websocket' ? transport.socket?._socket : undefined;
}
