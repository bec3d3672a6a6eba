/** Concord's client library, of this checkout or of another one that is built: each server is met by its own. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DocumentClient, DocumentStatus } from '@concord/client';
import * as ownClient from '@concord/client/node';
import * as ownProtocol from '@concord/protocol';

type ClientLibrary = Pick<typeof ownClient, 'connectDocument' | 'constantToken'>;
type ProtocolLibrary = Pick<typeof ownProtocol, 'PROTOCOL_VERSION'>;

/** @param checkout directory of another checkout; this one when left out */
export async function clientLibrary(checkout?: string): Promise<ClientLibrary> {
  if (checkout === undefined) return ownClient;
  return (await importFrom(checkout, 'packages/client/dist/node.js')) as ClientLibrary;
}

/** @param checkout directory of another checkout; this one when left out */
export async function protocolVersion(checkout?: string): Promise<number> {
  if (checkout === undefined) return ownProtocol.PROTOCOL_VERSION;
  const library = await importFrom(checkout, 'packages/protocol/dist/index.js');
  return (library as ProtocolLibrary).PROTOCOL_VERSION;
}

type Viewed = Pick<DocumentClient, 'view' | 'subscribe'>;

/** A client of a checkout from before `DocumentView`. */
interface FormerClient {
  readonly status: DocumentStatus;
  readonly unsent: number;
  on(event: 'status', listener: () => void): () => void;
}

/** The view of a client of any checkout; of a former one it has `status` and `unsent` alone. */
export function viewed(client: DocumentClient): Viewed {
  if (Reflect.has(client, 'view')) return client;
  const former = client as unknown as FormerClient;
  return {
    get view() {
      return { status: former.status, unsent: former.unsent } as Viewed['view'];
    },
    subscribe: (listener) => former.on('status', listener),
  };
}

const importFrom = (checkout: string, path: string): Promise<unknown> =>
  import(pathToFileURL(join(checkout, path)).href) as Promise<unknown>;
