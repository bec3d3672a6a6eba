/** Concord's own client, as an editor uses it. */
import type { DocumentClient } from '@concord/client';
import { connectDocument } from '@concord/client/node';
import { GUEST_TOKEN_FIELD, randomId, type DocumentId } from '@concord/protocol';
import { LoadError, type ClientSource } from './load-client.ts';

/** @param url of the server */
export function concordClients(url: string): ClientSource {
  return {
    createDocument: (text) => createConcordDocument(url, text),
    connect: async (documentId, seen) => {
      const client = connectDocument({ url, documentId: documentId as DocumentId });
      client.on('change', ({ origin, operation }) => {
        if (origin === 'remote') seen(operation);
      });
      client.on('refused', ({ code, detail }) => {
        throw new Error(`An edit was refused: ${code} ${detail}`);
      });
      await whenCaughtUp(client);
      return {
        get length() {
          return client.documentText.lengthCodePoints;
        },
        get fingerprint() {
          return client.text;
        },
        edit: (operation, acknowledged) => {
          client.edit(operation);
          void client.whenSynchronized().then(acknowledged);
        },
        close: () => client.close(),
      };
    },
  };
}

/** The text shows as soon as a snapshot is there; what was written since comes with the join. */
function whenCaughtUp(client: DocumentClient): Promise<void> {
  return new Promise((resolve, reject) => {
    client.on('status', (status) => {
      if (status.kind === 'saved') resolve();
      if (status.kind === 'stopped') reject(new LoadError(`Concord: ${status.code}`));
    });
  });
}

export async function createConcordDocument(url: string, text: string): Promise<string> {
  const response = await fetch(`${url}/api/v1/documents`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', [GUEST_TOKEN_FIELD]: randomId() },
    body: JSON.stringify({ text }),
  });
  if (!response.ok) throw new Error(`Creating a document was answered with ${response.status}`);
  return ((await response.json()) as { readonly id: string }).id;
}
