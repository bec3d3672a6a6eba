/**
 * Encodes a message to many sessions once, into one WebSocket frame that their connections share: a tail sent to a
 * whole class takes its memory once, however slowly some connections read it.
 */
import type { ServerMessage } from '@concord/protocol';
import type { Socket } from 'socket.io';

interface SharedFrame {
  /** A packet of Socket.IO: `2` is an event, of the default namespace. */
  readonly packet: string;
  /** As `socket.io-adapter` passes it for broadcasts; the polling transport takes the packet instead. */
  readonly options: { readonly compress: boolean; readonly wsPreEncodedFrame: readonly Buffer[] };
}

const EVENT = '2';
/** A packet of Engine.IO that holds a message. */
const MESSAGE = '4';

/** Cached for as long as the message object is referenced. */
const frames = new WeakMap<ServerMessage, SharedFrame>();

/** Sends a message object that is sent to others as well; the order with other messages of the session is kept. */
export function sendShared(socket: Socket, message: ServerMessage): void {
  let frame = frames.get(message);
  if (frame === undefined) {
    frame = encode(message);
    frames.set(message, frame);
  }
  // The type of the options leaves out what the adapter of Socket.IO uses itself.
  const write: (data: string, options: object) => unknown = socket.conn.write.bind(socket.conn);
  if (socket.connected) write(frame.packet, frame.options);
}

function encode({ type, body }: ServerMessage): SharedFrame {
  const packet = `${EVENT}${JSON.stringify([type, body])}`;
  const wsPreEncodedFrame = textFrame(Buffer.from(`${MESSAGE}${packet}`));
  return { packet, options: { compress: false, wsPreEncodedFrame } };
}

const FINAL_TEXT = 0x81;

/** One unmasked text frame (RFC 6455, 5.2): header and payload. */
export function textFrame(payload: Buffer): [header: Buffer, payload: Buffer] {
  const { length } = payload;
  if (length < 126) return [Buffer.from([FINAL_TEXT, length]), payload];
  if (length < 65_536) {
    const header = Buffer.from([FINAL_TEXT, 126, 0, 0]);
    header.writeUInt16BE(length, 2);
    return [header, payload];
  }
  const header = Buffer.alloc(10);
  header[0] = FINAL_TEXT;
  header[1] = 127;
  header.writeBigUInt64BE(BigInt(length), 2);
  return [header, payload];
}
