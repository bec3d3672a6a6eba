/**
 * The system to compare with: ShareDB over `ws` as set up by its documentation, with ot-text-unicode and the memory
 * store, or sharedb-mongo with the database of SHAREDB_MONGODB. Presence, milestones and projections are off, as by
 * default. It has its own process.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DocumentText } from '@concord/ot';
import WebSocketJsonStream from '@teamwork/websocket-json-stream';
import { type as textUnicode } from 'ot-text-unicode';
import ShareDB from 'sharedb';
import sharedbMongo from 'sharedb-mongo';
import { WebSocketServer } from 'ws';
import { COLLECTION, SHAREDB_READY } from './sharedb-names.ts';
import { readTrace } from './trace.ts';

ShareDB.types.register(textUnicode);

/** The part of a store needed to build a long history. */
interface CommittingStore {
  commit(
    collection: string,
    id: string,
    operation: object,
    snapshot: object,
    options: null,
    done: (error: Error | null, succeeded?: boolean) => void,
  ): void;
}

const database = process.env['SHAREDB_MONGODB'];
const store = database === undefined ? new ShareDB.MemoryDB() : sharedbMongo(database);
const backend = new ShareDB({ db: store });
const http = createServer();
new WebSocketServer({ server: http }).on('connection', (socket) => {
  backend.listen(new WebSocketJsonStream(socket));
});

/** Writes a history straight into the store: every operation, and the last text. */
async function build(id: string, tracesDirectory: string): Promise<void> {
  const { operations } = readTrace(tracesDirectory);
  const target = store as unknown as CommittingStore;
  const src = 'history';
  const type = textUnicode.uri;
  const commit = (operation: { v: number }, data: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const snapshot = { id, v: operation.v + 1, type, data, m: null };
      target.commit(COLLECTION, id, operation, snapshot, null, (error, succeeded) => {
        if (error !== null || succeeded !== true) reject(error ?? new Error('Not committed'));
        else resolve();
      });
    });
  await commit({ src, seq: 1, v: 0, create: { type, data: '' }, m: null } as { v: number }, '');
  let text = DocumentText.empty;
  for (const [index, op] of operations.entries()) {
    text = text.apply(op);
    const v = index + 1;
    const data = v === operations.length ? text.toString() : '';
    await commit({ src, seq: v + 1, v, op, m: null } as { v: number }, data);
  }
}

process.on('message', (message: unknown) => {
  const wanted = (message as { readonly build?: { id: string; tracesDirectory: string } }).build;
  if (wanted === undefined) return;
  build(wanted.id, wanted.tracesDirectory).then(
    () => process.send?.({ answer: null }),
    (error: unknown) => {
      throw error;
    },
  );
});

http.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${SHAREDB_READY}${(http.address() as AddressInfo).port}\n`);
});
process.on('SIGTERM', () => process.exit(0));
