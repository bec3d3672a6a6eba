/** A hostile peer: speaks HTTP and WebSocket by hand over a TCP connection, and may close it at any time. */
import { request, Agent } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomClientId, randomId, type DocumentId } from '@concord/protocol';
import { enginePacket, nearlyEvent, webSocketFrame, type Random } from './hostile-packets.ts';

export interface HostileOptions {
  readonly port: number;
  readonly documentId: DocumentId;
  readonly random: Random;
  /** Source address on loopback; limits by address apply to each. */
  readonly localAddress: string;
}

const PACKETS_AT_ONCE = 24;
/** A close frame: FIN, masked with zeros, without a reason. */
const CLOSE_FRAME = Buffer.from([0x88, 0x80, 0, 0, 0, 0]);

/** Connects, sends some packets and disconnects. @returns how many were sent; never rejects */
export async function visit(options: HostileOptions): Promise<number> {
  const { random } = options;
  const clientId = randomClientId();
  const packets: string[] = [];
  // Most visits authenticate as a guest and join: others are refused before their packets are parsed.
  if (random(10) > 0) packets.push(`40${JSON.stringify({ guestToken: randomId() })}`);
  if (random(4) > 0) {
    const { documentId: docId } = options;
    const join = { docId, clientId, epoch: 1, version: 0, nextSeq: 1, protocol: 2 };
    packets.push(`42${JSON.stringify(['join', join])}`);
  }
  const count = 1 + random(PACKETS_AT_ONCE);
  // Random packets mostly end the connection, so most visits are nearly valid and reach the documents.
  const isNearlyRight = random(3) > 0;
  while (packets.length < count) {
    const isEvent = isNearlyRight && random(6) > 0;
    const make = isEvent ? nearlyEvent : enginePacket;
    packets.push((isEvent ? '4' : '') + make(random, options.documentId, clientId));
  }
  await (random(4) === 0 ? byPolling(options, packets) : byWebSocket(options, packets));
  return packets.length;
}

async function byWebSocket(options: HostileOptions, packets: readonly string[]): Promise<void> {
  const { port, documentId, random, localAddress } = options;
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  const path = `/socket.io/?EIO=4&transport=websocket&doc=${documentId}`;
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  const isOpen = await heard(socket, /101/);
  if (isOpen) {
    // Most wait for the replies to CONNECT and join, without which they get no further; some pipeline everything.
    const [connects, joins, ...others] = packets;
    const rest = others.map((text) => webSocketFrame(random, Buffer.from(text)));
    const isPatient = random(4) > 0;
    const say = async (packet: string | undefined, answer: RegExp): Promise<void> => {
      if (packet === undefined) return;
      const answered = heard(socket, answer);
      socket.write(webSocketFrame(() => 1, Buffer.from(packet)));
      if (isPatient) await Promise.race([answered, sleep(1_000)]);
    };
    await say(connects, /40\{/);
    await say(joins, /"joined"|"refused"/);
    // A close frame is answered after everything before it was read; other visits disconnect before that.
    const isPolite = random(4) > 0;
    socket.write(Buffer.concat(isPolite ? [...rest, CLOSE_FRAME] : rest));
    await Promise.race([closed(socket), sleep(isPolite ? 1_000 : random(25))]);
  }
  if (random(3) === 0) socket.resetAndDestroy();
  else socket.destroy();
}

/** Whether the server sent matching data before the connection closed. Keeps reading, so that it is never slow. */
function heard(socket: Socket, words: RegExp): Promise<boolean> {
  return new Promise((resolve) => {
    socket.on('data', (data) => words.test(data.toString('latin1')) && resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('close', () => resolve(false));
  });
}

const closed = (socket: Socket): Promise<void> =>
  socket.closed
    ? Promise.resolve()
    : new Promise((resolve) => socket.once('close', () => resolve()));

const SEPARATOR = '\x1e';

async function byPolling(options: HostileOptions, packets: readonly string[]): Promise<void> {
  const { port, documentId, random, localAddress } = options;
  const agent = new Agent({ keepAlive: true });
  const ask = (query: string, method = 'GET', body = ''): Promise<string> =>
    new Promise((resolve) => {
      const path = `/socket.io/?EIO=4&transport=polling&doc=${documentId}${query}`;
      const target = { host: '127.0.0.1', port, localAddress, path, method, agent };
      const asked = request(target, (response) => {
        let text = '';
        response.on('data', (piece) => (text += String(piece)));
        response.on('close', () => resolve(text));
      });
      asked.on('error', () => resolve(''));
      // A long poll waits for the next message, which may never come.
      asked.setTimeout(50, () => asked.destroy());
      asked.end(body);
    });
  const sid = /"sid":"([^"]+)"/.exec(await ask(''))?.[1] ?? 'unknown';
  const [connects = '', ...others] = packets;
  const said = others.join(SEPARATOR);
  await ask(`&sid=${sid}`, 'POST', connects);
  if (random(3) > 0) await ask(`&sid=${sid}`);
  await ask(`&sid=${sid}`, 'POST', said.slice(0, 60_000));
  switch (random(5)) {
    case 0:
      // Two concurrent polls are a protocol error; so are two posts.
      await Promise.all([ask(`&sid=${sid}`), ask(`&sid=${sid}`)]);
      break;
    case 1:
      await Promise.all([ask(`&sid=${sid}`, 'POST', said), ask(`&sid=${sid}`, 'POST', '40')]);
      break;
    case 2:
      await ask(`&sid=${sid}&sid=__proto__&EIO=3`, 'POST', said);
      break;
    case 3:
      await ask(`&sid=${sid}`, random(2) === 0 ? 'PUT' : 'DELETE', said);
      break;
    default:
      await ask(`&sid=${sid}`);
  }
  agent.destroy();
}
