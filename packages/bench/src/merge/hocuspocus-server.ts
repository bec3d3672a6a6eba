/** The peer with a CRDT: Hocuspocus as its documentation sets it up, without an extension that stores. */
import { Server } from '@hocuspocus/server';
import { HOCUSPOCUS_READY } from './hocuspocus-names.ts';

const server = new Server({ port: 0, address: '127.0.0.1', quiet: true, stopOnSignals: false });
process.on('SIGTERM', () => process.exit(0));
await server.listen();
process.stdout.write(`${HOCUSPOCUS_READY}${server.address.port}\n`);
