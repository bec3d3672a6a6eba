/** Concord's own client, as an editor uses it. */
import { connectDocument } from '@concord/client/node';
import { GUEST_TOKEN_FIELD, randomId, type DocumentId } from '@concord/protocol';
import type { ClientSource } from './load-client.ts';

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
      await client.whenOpen();
      await client.whenSynchronized();
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

export async function createConcordDocument(url: string, text: string): Promise<string> {
  const response = await fetch(`${url}/api/v1/documents`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', [GUEST_TOKEN_FIELD]: randomId() },
    body: JSON.stringify({ text }),
  });
  if (!response.ok) throw new Error(`Creating a document was answered with ${response.status}`);
  return ((await response.json()) as { readonly id: string }).id;
}
