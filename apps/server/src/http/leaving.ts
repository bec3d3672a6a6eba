/**
 * A server that stops, or was drained, takes no new connections of documents, except to those that it still has: other
 * nodes send clients here until a document is handed over. The answer is one that load balancers take to the next
 * server (docs/operations.md).
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { documentIdSchema, type DocumentId } from '@concord/protocol';

const TRANSPORT_PATH = '/socket.io/';
const REFUSED = { 'retry-after': '1', connection: 'close', 'content-length': '0' };

/**
 * Stands before the listeners that the server has now.
 * @param isRefused asked for each handshake that names a document
 */
export function refuseHandshakes(
  server: Server,
  isRefused: (documentId: DocumentId) => boolean,
): void {
  const isRefusedHandshake = ({ url = '' }: IncomingMessage): boolean => {
    if (!url.startsWith(TRANSPORT_PATH)) return false;
    const { searchParams } = new URL(url, 'http://here');
    if (searchParams.has('sid')) return false;
    const documentId = documentIdSchema.safeParse(searchParams.get('doc'));
    return documentId.success && isRefused(documentId.data);
  };
  const handlers = server.listeners('request');
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (isRefusedHandshake(request)) return void response.writeHead(503, REFUSED).end();
    for (const each of handlers) each.call(server, request, response);
  });
  const upgraders = server.listeners('upgrade');
  server.removeAllListeners('upgrade');
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (isRefusedHandshake(request)) {
      const headers = Object.entries(REFUSED).map(([name, value]) => `${name}: ${value}\r\n`);
      return void socket.end(`HTTP/1.1 503 Service Unavailable\r\n${headers.join('')}\r\n`);
    }
    for (const each of upgraders) each.call(server, request, socket, head);
  });
}
