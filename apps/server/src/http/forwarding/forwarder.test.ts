/** What a node forwards to another one that does not behave. */
import { once } from 'node:events';
import { createServer, request as httpRequest, type Server, type IncomingMessage, type ServerResponse } from 'node:http'; // prettier-ignore
import { connect, Socket, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LiveLease } from '../../store/ports/cluster-store.ts';
import { Forwarder, type Forwarding } from './forwarder.ts';
import { NodeConnections } from './node-connections.ts';

const PER_ADDRESS = 10;
const PATIENCE = { timeout: 120_000, interval: 20 };
const upgrade = { connection: 'Upgrade', upgrade: 'websocket' };

let owner: Server;
let node: Server;
let connections: NodeConnections;
let forwarding: Forwarding;
/** What the owner does with a request. */
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let counted: string[];

const portOf = (server: Server): number => (server.address() as AddressInfo).port;
const listen = (server: Server): Promise<void> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const leaseAt = (port: number): LiveLease => ({
  ...{ leaseId: 'b-1', node: 'b', address: `http://127.0.0.1:${port}`, publicUrl: null },
  ...{ weight: 1, isDraining: false },
});

interface Bounds {
  readonly connectMs?: number;
  readonly maxConnections?: number;
}
async function start({ maxConnections, ...bounds }: Bounds = {}): Promise<void> {
  connections = new NodeConnections(bounds);
  const metrics = { forwarded: (kind: string, result: string) => void counted.push(`${kind} ${result}`) }; // prettier-ignore
  const forwarder = new Forwarder({
    connections,
    tokens: { issue: async () => 'token' },
    metrics,
    perAddress: PER_ADDRESS,
  });
  node = createServer((request, response) => void forwarder.request(request, response, forwarding));
  node.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    void forwarder.upgrade(request, socket, head, forwarding);
  });
  if (maxConnections !== undefined) node.maxConnections = maxConnections;
  connections.share(node);
  await listen(node);
  forwarding = {
    lease: leaseAt(portOf(owner)),
    client: { address: '203.0.113.1', isHttps: false },
  };
}

beforeEach(async () => {
  counted = [];
  owner = createServer((request, response) => answer(request, response));
  await listen(owner);
});
afterEach(() => {
  connections.close();
  for (const server of [node, owner]) {
    server.closeAllConnections();
    server.close();
  }
});

interface Answered {
  readonly status: number;
  readonly code: string;
}
function ask(method = 'GET', body?: string): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: '127.0.0.1', port: portOf(node), method, agent: false },
      (response) => {
        let text = '';
        response.on('data', (piece) => (text += String(piece)));
        response.on('error', reject);
        response.on('end', () => {
          const { code = '' } = (text.startsWith('{') ? JSON.parse(text) : {}) as { code?: string };
          resolve({ status: response.statusCode ?? 0, code });
        });
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

describe('a request whose owner', () => {
  it('breaks the connection was done or not: a write is told so, a read may be asked again', async () => {
    await start();
    let asked = 0;
    answer = (request) => {
      asked += 1;
      request.socket.destroy();
    };
    expect(await ask()).toEqual({ status: 503, code: 'documentMoving' });
    expect(await ask('PUT', 'text')).toEqual({ status: 502, code: 'outcomeUnknown' });
    expect(await ask('POST')).toEqual({ status: 502, code: 'outcomeUnknown' });
    // Nothing is sent twice.
    expect(asked).toBe(3);
    expect(counted.filter((each) => each === 'request failed')).toHaveLength(3);
  });

  it('does not listen was not done', async () => {
    await start();
    const closed = createServer();
    await listen(closed);
    forwarding = { ...forwarding, lease: leaseAt(portOf(closed)) };
    await new Promise((resolve) => closed.close(resolve));
    expect(await ask('PUT', 'text')).toEqual({ status: 503, code: 'documentMoving' });
  });

  it('cannot be connected with in time was not done', async () => {
    await start({ connectMs: 20 });
    // A socket that never connects.
    connections.forRequests.createConnection = ((original) => (to, callback) => {
      vi.spyOn(Socket.prototype, 'connect').mockImplementationOnce(function (this: Socket) {
        Object.assign(this, { connecting: true });
        return this;
      });
      return original(to, callback);
    })(connections.forRequests.createConnection.bind(connections.forRequests));
    expect(await ask('PUT', 'text')).toEqual({ status: 503, code: 'documentMoving' });
    expect(connections.open).toBe(0);
    vi.restoreAllMocks();
  });

  it('breaks off in its answer has the answer broken off', async () => {
    await start();
    answer = (request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('part', () => request.socket.destroy());
    };
    await expect(ask()).rejects.toThrow();
  });

  it('has no lease any more ends at once, though its process is only suspended', async () => {
    await start();
    answer = () => {};
    const asked = ask('PUT', 'text');
    await vi.waitFor(() => expect(connections.open).toBe(1), PATIENCE);
    connections.endExcept([forwarding.lease.address]);
    expect(connections.open).toBe(1);
    connections.endExcept(['http://127.0.0.1:1']);
    expect(await asked).toEqual({ status: 502, code: 'outcomeUnknown' });
  });
});

describe('a connection', () => {
  it('carries what was written last when either side closes', async () => {
    await start();
    const heard: string[] = [];
    owner.on('upgrade', (_request, socket: Socket) => {
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n',
      );
      socket.on('data', (piece) => heard.push(String(piece)));
      socket.on('end', () => socket.end('bye'));
    });
    const client = connect(portOf(node), '127.0.0.1');
    client.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n');
    let text = '';
    client.on('data', (piece) => (text += String(piece)));
    await vi.waitFor(() => expect(text).toContain('101'), PATIENCE);
    client.end('last words');
    await once(client, 'close');
    expect(heard.join('')).toBe('last words');
    expect(text.endsWith('bye')).toBe(true);
    await vi.waitFor(() => expect(connections.open).toBe(0), PATIENCE);
  });

  it('is refused with the words of the owner', async () => {
    await start();
    answer = (_request, response) => response.writeHead(403).end('no');
    const client = httpRequest({
      host: '127.0.0.1',
      port: portOf(node),
      headers: upgrade,
      agent: false,
    });
    client.end();
    const [response] = (await once(client, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(403);
    response.resume();
  });

  it('of a reader that does not read holds back the owner, and loses nothing', async () => {
    await start();
    const total = 256 * 1024 * 1024;
    const piece = Buffer.alloc(64 * 1024);
    let written = 0;
    owner.on('upgrade', (_request, socket: Socket) => {
      socket.on('error', () => socket.destroy());
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n',
      );
      const write = (): void => {
        while (written < total) {
          written += piece.length;
          if (!socket.write(piece)) return void socket.once('drain', write);
        }
        socket.end();
      };
      write();
    });
    const client = connect(portOf(node), '127.0.0.1');
    client.pause();
    client.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n');
    // Until nothing moves any more.
    for (let before = 0, same = 0; same < 20;) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      same = written > 0 && written === before ? same + 1 : 0;
      before = written;
    }
    // What the kernel takes for both connections, and the buffers of the sockets.
    expect(written).toBeLessThan(total / 4);
    let read = 0;
    client.on('data', (some: Buffer) => (read += some.length));
    client.resume();
    await once(client, 'end');
    expect(read).toBeGreaterThanOrEqual(total);
    client.destroy();
  });
});

describe('how much is forwarded', () => {
  it('is bounded for each address, and what is answered makes room', async () => {
    await start();
    const waiting: ServerResponse[] = [];
    answer = (_request, response) => void waiting.push(response);
    const asked = Array.from({ length: PER_ADDRESS }, () => ask());
    await vi.waitFor(() => expect(counted.length).toBe(PER_ADDRESS), PATIENCE);
    expect(await ask()).toEqual({ status: 503, code: 'busy' });
    forwarding = { ...forwarding, client: { ...forwarding.client, address: '203.0.113.2' } };
    const other = ask();
    const answering = setInterval(() => {
      for (const response of waiting.splice(0)) response.end();
    }, 1);
    expect((await other).status).toBe(200);
    await Promise.all(asked);
    forwarding = { ...forwarding, client: { ...forwarding.client, address: '203.0.113.1' } };
    expect((await ask()).status).toBe(200);
    clearInterval(answering);
  });

  it('takes the place of connections of clients, of which there are so many fewer', async () => {
    await start({ maxConnections: 5 });
    answer = () => {};
    const sockets = new Set<Socket>();
    node.on('connection', (socket: Socket) => sockets.add(socket));
    const asked = [ask('PUT', 'x'), ask('PUT', 'x')].map((each) => each.catch(() => null));
    await vi.waitFor(() => expect(connections.open).toBe(2), PATIENCE);
    expect(node.maxConnections).toBe(3);
    // A third client is let in, and cannot have a connection to another node.
    expect(await ask()).toMatchObject({ status: 503 });
    for (const socket of sockets) socket.destroy();
    await Promise.all(asked);
    await vi.waitFor(() => expect([connections.open, node.maxConnections]).toEqual([0, 5]), PATIENCE); // prettier-ignore
  });
});
