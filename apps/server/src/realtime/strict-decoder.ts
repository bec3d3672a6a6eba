/**
 * Decoder that accepts a subset of Socket.IO. The document protocol needs few of its packets: one CONNECT to the main
 * namespace, events of a name and one body, and DISCONNECT. Everything else (attachments, acknowledgements, other
 * namespaces, a second CONNECT, errors) is refused here, before Socket.IO keeps anything for it.
 */
import { EventEmitter } from 'node:events';
import { Decoder, Encoder, PacketType, type Packet } from 'socket.io-parser';

/** Stands for events outside of this protocol; a symbol, which no JSON text can produce. */
export const NOT_AN_EVENT = Symbol('not an event of this protocol');

const CONNECT = String(PacketType.CONNECT);
const allowedTypes = new Set(
  [PacketType.CONNECT, PacketType.DISCONNECT, PacketType.EVENT].map(String),
);

/** Throws on what is not allowed; Socket.IO closes the connection then. One per connection. */
export class StrictDecoder extends EventEmitter {
  readonly #decoder = new Decoder();
  #isConnected = false;

  constructor() {
    super();
    this.#decoder.on('decoded', (packet: Packet) => this.emit('decoded', checked(packet)));
  }

  /** @param data one message of the transport: text, or bytes of an attachment */
  add(data: unknown): void {
    if (typeof data !== 'string') throw new Error('attachments are not of this protocol');
    const type = data.charAt(0);
    if (!allowedTypes.has(type)) throw new Error('this packet is not of this protocol');
    if (type === CONNECT) {
      // Each would create another session on this connection, which no connection limit counts.
      if (this.#isConnected) throw new Error('connected already');
      this.#isConnected = true;
    }
    this.#decoder.add(data);
  }

  destroy(): void {
    this.#decoder.destroy();
  }
}

function checked(packet: Packet): Packet {
  if (packet.nsp !== '/') throw new Error('there is no such namespace');
  if (packet.type !== PacketType.EVENT) return packet;
  const said: unknown = packet.data;
  const isEvent =
    packet.id === undefined &&
    Array.isArray(said) &&
    (said.length === 1 || said.length === 2) &&
    typeof said[0] === 'string';
  return { type: PacketType.EVENT, nsp: '/', data: isEvent ? said : [NOT_AN_EVENT] };
}

/** For Socket.IO's option `parser`. */
export const strictParser = { Encoder, Decoder: StrictDecoder };
