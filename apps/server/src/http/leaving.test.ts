import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refuseHandshakes } from './leaving.ts';

const here = 'h'.repeat(26);
const gone = 'g'.repeat(26);

let server: Server;
let asked: string[];

beforeEach(async () => {
  server = createServer((_request, response) => void response.end('served'));
  server.on('upgrade', (_request, socket) => {
    socket.end(
      'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
    );
  });
  asked = [];
  refuseHandshakes(server, (id) => {
    asked.push(id);
    return id === gone;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.close();
  server.closeAllConnections();
});

function statusOf(path: string, headers: Readonly<Record<string, string>> = {}): Promise<unknown> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, path, headers, agent: false });
    request.on('response', (response) => {
      response.resume();
      resolve([response.statusCode, response.headers['retry-after']]);
    });
    request.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve([response.statusCode, undefined]);
    });
    request.on('error', reject);
    request.end();
  });
}

const upgrade = { connection: 'Upgrade', upgrade: 'websocket' };

describe('a server that leaves', () => {
  it('refuses handshakes of documents that it does not have, so that they go to another server', async () => {
    const path = `/socket.io/?EIO=4&transport=polling&doc=${gone}`;
    expect(await statusOf(path)).toEqual([503, '1']);
    expect(await statusOf(path.replace('polling', 'websocket'), upgrade)).toEqual([503, '1']);
  });

  it('takes handshakes of documents that it still has', async () => {
    const path = `/socket.io/?EIO=4&transport=polling&doc=${here}`;
    expect(await statusOf(path)).toEqual([200, undefined]);
    expect(await statusOf(path.replace('polling', 'websocket'), upgrade)).toEqual([101, undefined]);
  });

  it('serves the connections that there are, and everything else', async () => {
    expect(await statusOf(`/socket.io/?EIO=4&transport=polling&doc=${gone}&sid=x`)).toEqual([200, undefined]); // prettier-ignore
    expect(await statusOf('/socket.io/?EIO=4&transport=polling&doc=none')).toEqual([
      200,
      undefined,
    ]);
    expect(await statusOf(`/d/${gone}.md`)).toEqual([200, undefined]);
    expect(asked).toEqual([]);
  });
});
