/** Where a request comes from: what the node that forwarded it tells, what a trusted proxy does, or the peer itself. */
import type { IncomingMessage } from 'node:http';
import proxyAddress from '@fastify/proxy-addr';
import { forwardedOf } from './forwarding/forwarded.ts';

export type AddressOf = (request: IncomingMessage) => string;

export function addressReader(trustedProxies: readonly string[]): AddressOf {
  const trusts = proxyAddress.compile([...trustedProxies]);
  return (request) => forwardedOf(request)?.address ?? proxyAddress(request, trusts);
}
