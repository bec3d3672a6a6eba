/**
 * Requests that another node forwarded to this one. A token in a header proves it; whatever else has that header has it
 * taken away, and counts as a request of a client. Everything that asks for a client's address goes through
 * {@link forwardedOf}.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { Guard } from '../../platform/guard.ts';
import type { Forwarded, NodeTokens } from './node-tokens.ts';

/** Carries the token. */
export const FORWARDED_HEADER = 'concord-forwarded';

const forwarded = new WeakMap<IncomingMessage, Forwarded>();

/** What the forwarding node said of the client; null for a request that came from its client. */
export function forwardedOf(request: IncomingMessage): Forwarded | null {
  return forwarded.get(request) ?? null;
}

/** Whether another node forwarded it: it is not sent on once more. */
export const isForwarded = (request: IncomingMessage): boolean => forwardedOf(request) !== null;

export interface AcceptForwardedOptions {
  readonly tokens: Pick<NodeTokens, 'verify'>;
  readonly guard: Guard;
}

/**
 * Stands before the listeners that the server has now, the front door among them, which asks for addresses. Requests
 * without the header pass at once.
 */
export function acceptForwarded(server: Server, { tokens, guard }: AcceptForwardedOptions): void {
  const accept = (request: IncomingMessage, pass: () => void, refuse: () => void): void => {
    const token = request.headers[FORWARDED_HEADER];
    if (token === undefined) return pass();
    delete request.headers[FORWARDED_HEADER];
    const verify = async (): Promise<void> => {
      const valid = typeof token === 'string' ? await tokens.verify(token) : null;
      if (valid !== null) forwarded.set(request, valid);
      pass();
    };
    void guard.run('request', verify, refuse);
  };
  const handlers = server.listeners('request');
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const pass = (): void => {
      for (const each of handlers) each.call(server, request, response);
    };
    accept(request, pass, () => request.destroy());
  });
  const upgraders = server.listeners('upgrade');
  server.removeAllListeners('upgrade');
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Until the front door listens to its errors; an unheard one would throw.
    socket.on('error', () => socket.destroy());
    const pass = (): void => {
      for (const each of upgraders) each.call(server, request, socket, head);
    };
    accept(request, pass, () => socket.destroy());
  });
}

/** Gives requests of the API the address and the scheme of their client. */
export function tellForwarded(app: FastifyInstance): void {
  app.addHook('onRequest', async (request) => {
    const from = forwardedOf(request.raw);
    if (from === null) return;
    Object.defineProperties(request, {
      ip: { value: from.address },
      protocol: { value: from.isHttps ? 'https' : 'http' },
    });
  });
}
