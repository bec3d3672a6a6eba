import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NetworkLink } from './network-link.ts';

/** Responds to every byte with two bytes. */
let server: Server;
let link: NetworkLink;

beforeEach(async () => {
  server = createServer((socket) => {
    socket.on('data', (data: Buffer) => socket.write(Buffer.concat([data, data])));
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  link = await NetworkLink.open(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

afterEach(async () => {
  await link.close();
  server.close();
});

function dial(): Socket {
  const socket = connect(Number(new URL(link.url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  return socket;
}

async function exchange(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  let answer = '';
  while (answer.length < 2 * text.length) {
    const [data] = (await once(socket, 'data')) as [Buffer];
    answer += data.toString();
  }
  return answer;
}

describe('NetworkLink', () => {
  it('relays both ways and counts the bytes of each', async () => {
    const socket = dial();
    expect(await exchange(socket, 'hello')).toBe('hellohello');
    expect(link.traffic).toEqual({ sent: 5, received: 10 });
    link.count();
    await exchange(socket, 'abc');
    expect(link.traffic).toEqual({ sent: 3, received: 6 });
    socket.destroy();
  });

  it('breaks connections when it is cut, and refuses new ones', async () => {
    const socket = dial();
    await exchange(socket, 'a');
    const closed = once(socket, 'close');
    link.cut();
    await closed;
    await once(dial(), 'close');
    expect(link.traffic).toEqual({ sent: 1, received: 2 });
  });

  it('lets new connections through when it is restored', async () => {
    link.cut();
    await once(dial(), 'close');
    link.restore();
    const socket = dial();
    expect(await exchange(socket, 'again')).toBe('againagain');
    socket.destroy();
  });
});
