/** Where a request comes from: what a trusted proxy tells, or the peer itself. */
import type { IncomingMessage } from 'node:http';
import proxyAddress from '@fastify/proxy-addr';

export type AddressOf = (request: IncomingMessage) => string;

export function addressReader(trustedProxies: readonly string[]): AddressOf {
  const trusts = proxyAddress.compile([...trustedProxies]);
  return (request) => proxyAddress(request, trusts);
}
