/**
 * What every request and every upgrade passes before anything is done for it: its Host, and for the transport of
 * documents (Socket.IO, which asks about handshakes only) its method and the page that sent it. It stands before the
 * listeners of Socket.IO and Fastify, so that what they throw ends the request that caused it, and nothing else. Behind
 * the messages of those who are connected, requests take turns (request-line.ts).
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { networkOf } from '../platform/ip-network.ts';
import type { OriginRules } from './origin.ts';
import type { ServerMetrics } from '../platform/metrics.ts';
import type { Guard } from '../platform/guard.ts';
import { RequestLine } from './request-line.ts';
import type { RefusedSenders } from './refused-senders.ts';
import type { Problem } from './problem.ts';
import type { AddressOf } from './address-of.ts';
import { answerProblem, refuseUpgrade } from './answer-problem.ts';
import { foreignOrigin, jsonp, unknownHost, wrongMethod } from './door-problems.ts';

export interface FrontDoorOptions {
  readonly origins: OriginRules;
  readonly refused: RefusedSenders;
  readonly metrics: Pick<ServerMetrics, 'requestRefused'>;
  readonly guard: Guard;
  /** Whose turn a request uses up. */
  readonly addressOf: AddressOf;
}

const TRANSPORT_PATH = '/socket.io/';
/** Asked by monitors, which come by addresses of the inside; they tell nothing of documents. */
const forMonitors = /^\/(?:livez|readyz|metrics)(?:\?|$)/;

/** Stands before the listeners that the server has now; call it once they are all there. */
export function guardServer(server: Server, options: FrontDoorOptions): void {
  const { guard, addressOf } = options;
  const line = new RequestLine();
  const inTurn = (request: IncomingMessage, handle: () => void, refuse: () => void): void => {
    const run = (): void => void guard.run('request', handle, refuse);
    void guard.run('request', () => line.add(networkOf(addressOf(request)), run), refuse);
  };
  const handlers = server.listeners('request');
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const handle = (): void => {
      if (request.destroyed) return;
      const problem = problemOf(request, options);
      if (problem !== null) return answerProblem(response, problem);
      for (const each of handlers) each.call(server, request, response);
    };
    inTurn(request, handle, () => request.destroy());
  });
  const upgraders = server.listeners('upgrade');
  server.removeAllListeners('upgrade');
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Until Socket.IO takes the connection over, nothing else listens to its errors; an unheard one would throw.
    socket.on('error', () => socket.destroy());
    const handle = (): void => {
      if (socket.destroyed) return;
      const problem = problemOf(request, options);
      if (problem !== null) return refuseUpgrade(socket, problem);
      for (const each of upgraders) each.call(server, request, socket, head);
    };
    inTurn(request, handle, () => socket.destroy());
  });
}

function problemOf(request: IncomingMessage, options: FrontDoorOptions): Problem | null {
  const { origins, refused, metrics } = options;
  const { headers, method = '', url = '' } = request;
  if (!origins.isOwnHost(headers.host) && !forMonitors.test(url)) {
    metrics.requestRefused('host');
    refused.host(headers.host);
    return unknownHost();
  }
  if (!url.startsWith(TRANSPORT_PATH)) return null;
  if (method !== 'GET' && method !== 'POST') {
    metrics.requestRefused('method');
    return wrongMethod();
  }
  // Answers as scripts, and takes forms: both go around what binds pages to their origin.
  if (new URL(url, 'http://here').searchParams.has('j')) {
    metrics.requestRefused('jsonp');
    return jsonp();
  }
  if (origins.senderOf(headers) === 'foreign') {
    metrics.requestRefused('origin');
    refused.origin(headers.origin);
    return foreignOrigin();
  }
  return null;
}
