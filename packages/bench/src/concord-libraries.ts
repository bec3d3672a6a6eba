/** Concord's client library, of this checkout or of another one that is built: each server is met by its own. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
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

const importFrom = (checkout: string, path: string): Promise<unknown> =>
  import(pathToFileURL(join(checkout, path)).href) as Promise<unknown>;
