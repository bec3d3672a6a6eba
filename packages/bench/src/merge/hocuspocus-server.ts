/** The CRDT to compare with: Hocuspocus as set up by its documentation, without a storage extension. */
import { Server } from '@hocuspocus/server';
import { HOCUSPOCUS_READY } from './hocuspocus-names.ts';

const server = new Server({ port: 0, address: '127.0.0.1', quiet: true, stopOnSignals: false });
process.on('SIGTERM', () => process.exit(0));
await server.listen();
process.stdout.write(`${HOCUSPOCUS_READY}${server.address.port}\n`);
