/** A replica of ShareDB's own client: edits made offline are composed into one pending operation. */
import { type as textUnicode } from 'ot-text-unicode';
import ShareDBClient from 'sharedb/lib/client/index.js';
import { WebSocket } from 'ws';
import { createSharedbDocument } from '../sharedb-clients.ts';
import { COLLECTION } from '../sharedb-names.ts';
import { MergeError, type ReplicaSource } from './merge-replica.ts';

const { Connection, types } = ShareDBClient;
types.register(textUnicode);
type Socket = ConstructorParameters<typeof Connection>[0];
/** Documented but missing in the types: continues a connection over a new socket. */
type Reconnectable = InstanceType<typeof Connection> & { bindToSocket(socket: Socket): void };

/** @param url of the server, or of the link to it */
export function sharedbReplicas(url: string): ReplicaSource {
  const dial = (): Socket => {
    const socket = new WebSocket(url.replace('http', 'ws'), { perMessageDeflate: false });
    socket.on('error', () => undefined);
    return socket as unknown as Socket;
  };
  return {
    createDocument: (text) => createSharedbDocument(url, text),
    open: async (documentId, happened) => {
      const connection = new Connection(dial()) as Reconnectable;
      const doc = connection.get(COLLECTION, documentId);
      const fail = (error: { readonly message: string }): never => {
        throw new MergeError(`ShareDB: ${error.message}`);
      };
      doc.on('error', fail);
      doc.on('op', happened);
      await new Promise<void>((resolve, reject) =>
        doc.subscribe((error) => {
          if (error) reject(new MergeError(`ShareDB: ${error.message}`));
          else resolve();
        }),
      );
      return {
        get text() {
          return doc.data as string;
        },
        get length() {
          return (doc.data as string).length;
        },
        get isSettled() {
          return connection.state === 'connected' && !doc.hasPending();
        },
        edit: (operation) => {
          doc.submitOp(operation, undefined, (error) => {
            if (error) fail(error);
            happened();
          });
        },
        whenSettled: () => new Promise((resolve) => doc.whenNothingPending(() => resolve())),
        connect: () => connection.bindToSocket(dial()),
        close: async () => {
          connection.close();
          await Promise.resolve();
        },
      };
    },
  };
}
