/** ShareDB's own client: one Connection and one Doc each, over `ws`. */
import { randomId } from '@concord/protocol';
import { type as textUnicode } from 'ot-text-unicode';
import ShareDBClient from 'sharedb/lib/client/index.js';
import { WebSocket } from 'ws';
import { LoadError, type ClientSource } from './load-client.ts';
import { COLLECTION } from './sharedb-names.ts';

const { Connection, types } = ShareDBClient;
types.register(textUnicode);
type Socket = ConstructorParameters<typeof Connection>[0];

interface OpenConnection {
  readonly connection: InstanceType<typeof Connection>;
  readonly close: () => Promise<void>;
}

function openConnection(url: string): OpenConnection {
  const socket = new WebSocket(url.replace('http', 'ws'), { perMessageDeflate: false });
  const connection = new Connection(socket as unknown as Socket);
  return {
    connection,
    close: () =>
      new Promise((resolve) => {
        socket.once('close', () => resolve());
        connection.close();
      }),
  };
}

/** @param url of the server */
export function sharedbClients(url: string): ClientSource {
  return {
    createDocument: (text) => createSharedbDocument(url, text),
    connect: async (documentId, seen) => {
      const { connection, close } = openConnection(url);
      const doc = connection.get(COLLECTION, documentId);
      doc.on('error', (error) => {
        throw failed(error);
      });
      await new Promise<void>((resolve, reject) =>
        doc.subscribe((error) => (error ? reject(failed(error)) : resolve())),
      );
      // `source` is true for this client's own operations.
      doc.on('op', (operation, source) => {
        if (source === false) seen(operation);
      });
      return {
        get length() {
          // The texts are ASCII: counting code points would be a cost that the other side does not have.
          return (doc.data as string).length;
        },
        get fingerprint() {
          return doc.data as string;
        },
        edit: (operation, acknowledged) => {
          doc.submitOp(operation, undefined, (error) => {
            if (error) throw failed(error);
            acknowledged();
          });
        },
        close,
      };
    },
  };
}

export async function createSharedbDocument(url: string, text: string): Promise<string> {
  const { connection, close } = openConnection(url);
  const id = randomId();
  const doc = connection.get(COLLECTION, id);
  await new Promise<void>((resolve, reject) =>
    doc.create(text, textUnicode.uri, (error) => (error ? reject(failed(error)) : resolve())),
  );
  await close();
  return id;
}

/** ShareDB's errors are values with a code, not always of the class Error. */
const failed = ({ message }: { readonly message: string }): LoadError =>
  new LoadError(`ShareDB: ${message}`);
