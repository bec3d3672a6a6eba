import type { ClientSource } from './load-client.ts';

/** Clients of several nodes of one cluster: each connection goes to the next of them, as by a load balancer. */
export function inTurn(sources: readonly [ClientSource, ...ClientSource[]]): ClientSource {
  let connections = 0;
  return {
    createDocument: (text) => sources[0].createDocument(text),
    connect: (documentId, seen) => {
      const source = sources[connections++ % sources.length] ?? sources[0];
      return source.connect(documentId, seen);
    },
  };
}
