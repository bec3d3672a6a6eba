/**
 * Speaks the wire protocol of MongoDB as far as a handshake needs it, over a real connection: for servers that cannot be had
 * in tests (too old, read-only, standalone, one that refuses a password).
 */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { BSON, type Document } from 'mongodb';

const OP_REPLY = 1;
const OP_QUERY = 2_004;
const OP_MSG = 2_013;
const HEADER = 16;

export interface FakeServer {
  /** Host and port. */
  readonly address: string;
  /** Connections that are open. */
  readonly connections: number;
  close(): Promise<void>;
}

/**
 * @param hello what the server says of itself, beside what every server says
 * @param answer to any other command; null for success without contents; a promise holds the connection
 */
export async function fakeServer(
  hello: (address: string) => Document,
  answer: (command: Document) => Document | null | Promise<Document | null> = () => null,
): Promise<FakeServer> {
  const sockets = new Set<Socket>();
  let address = '';
  const answerTo = async (command: Document): Promise<Document> => {
    const isHello = 'hello' in command || 'ismaster' in command || 'isMaster' in command;
    if (!isHello) return (await answer(command)) ?? { ok: 1 };
    const limits = { maxBsonObjectSize: 16_777_216, maxMessageSizeBytes: 48_000_000, maxWriteBatchSize: 100_000 }; // prettier-ignore
    return { ok: 1, helloOk: true, minWireVersion: 0, ...limits, ...hello(address) };
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let read = Buffer.alloc(0);
    socket.on('data', (bytes) => {
      read = Buffer.concat([read, bytes]);
      while (read.length >= HEADER && read.length >= read.readInt32LE(0)) {
        const message = read.subarray(0, read.readInt32LE(0));
        read = read.subarray(message.length);
        void replyTo(message, answerTo).then((reply) => socket.write(reply));
      }
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    address,
    get connections() {
      return sockets.size;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((closed) => void server.close(() => closed()));
    },
  };
}

async function replyTo(
  message: Buffer,
  answerTo: (command: Document) => Promise<Document>,
): Promise<Buffer> {
  const requestId = message.readInt32LE(4);
  const operation = message.readInt32LE(12);
  if (operation === OP_MSG) {
    // Flags and the kind of the section, which is the body.
    const answer = BSON.serialize(await answerTo(documentAt(message, HEADER + 5)));
    return framed(requestId, OP_MSG, Buffer.concat([Buffer.alloc(5), answer]));
  }
  if (operation !== OP_QUERY)
    throw new Error(`The fake server does not know operation ${operation}.`);
  const nameEnd = message.indexOf(0, HEADER + 4);
  const answer = BSON.serialize(await answerTo(documentAt(message, nameEnd + 9)));
  const head = Buffer.alloc(20);
  head.writeInt32LE(8, 0);
  head.writeInt32LE(1, 16);
  return framed(requestId, OP_REPLY, Buffer.concat([head, answer]));
}

const documentAt = (message: Buffer, start: number): Document =>
  BSON.deserialize(message.subarray(start, start + message.readInt32LE(start)));

function framed(responseTo: number, operation: number, body: Buffer): Buffer {
  const header = Buffer.alloc(HEADER);
  header.writeInt32LE(HEADER + body.length, 0);
  header.writeInt32LE(responseTo, 8);
  header.writeInt32LE(operation, 12);
  return Buffer.concat([header, body]);
}
