/** Concord's own client, as an editor uses it. */
import { followView, type DocumentClient, type DocumentStatus } from '@concord/client';
import type { DocumentId } from '@concord/protocol';
import { concordAccounts, type ConcordAccounts } from './concord-accounts.ts';
import { clientLibrary, viewed } from './concord-libraries.ts';
import { LoadError, type ClientSource } from './load-client.ts';

/**
 * @param url of the server
 * @param checkout whose client it is; this one's when left out
 */
export function concordClients(url: string, checkout?: string): ClientSource {
  const accounts = concordAccounts(url);
  return {
    createDocument: (text) => createConcordDocument(url, accounts, text),
    connect: async (documentId, seen) => {
      const { token } = await accounts.next();
      const { connectDocument, constantToken } = await clientLibrary(checkout);
      const client = connectDocument({
        url,
        documentId: documentId as DocumentId,
        credentials: constantToken(token),
      });
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

/** Waits for the join: the snapshot is shown before the tail has arrived. */
function whenCaughtUp(client: DocumentClient): Promise<void> {
  return new Promise((resolve, reject) => {
    const statusChanged = (status: DocumentStatus): void => {
      if (status.kind === 'saved') resolve();
      if (status.kind === 'stopped') reject(new LoadError(`Concord: ${status.code}`));
    };
    followView(viewed(client), ({ status }) => status, statusChanged);
  });
}

/** Creates a document that all accounts of the load may edit. */
export async function createConcordDocument(
  url: string,
  accounts: ConcordAccounts,
  text: string,
): Promise<string> {
  const { headers } = await accounts.next();
  const response = await fetch(`${url}/api/v1/documents`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ text, anyone: 'editor' }),
  });
  if (!response.ok) throw new Error(`Creating a document was answered with ${response.status}`);
  return ((await response.json()) as { readonly id: string }).id;
}
