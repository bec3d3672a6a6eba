/** A replica of Concord's own client. */
import { followView, type DocumentStatus } from '@concord/client';
import type { DocumentId } from '@concord/protocol';
import { concordAccounts } from '../concord-accounts.ts';
import { createConcordDocument } from '../concord-clients.ts';
import { clientLibrary, viewed } from '../concord-libraries.ts';
import { MergeError, type ReplicaSource } from './merge-replica.ts';

/**
 * @param url of the server, or of the link to it
 * @param checkout whose client it is; this one's when left out
 */
export function concordReplicas(url: string, checkout?: string): ReplicaSource {
  const accounts = concordAccounts(url);
  return {
    createDocument: (text) => createConcordDocument(url, accounts, text),
    open: async (documentId, happened) => {
      const { token } = await accounts.next();
      const { connectDocument, constantToken } = await clientLibrary(checkout);
      const client = connectDocument({
        url,
        documentId: documentId as DocumentId,
        credentials: constantToken(token),
      });
      const followed = viewed(client);
      client.on('change', happened);
      followView(followed, ({ status }) => status, happened);
      client.on('refused', ({ code, detail }) => {
        throw new MergeError(`Concord refused an edit: ${code} ${detail}`);
      });
      await new Promise<void>((resolve, reject) => {
        const statusChanged = (kind: DocumentStatus['kind']): void => {
          if (kind === 'saved') resolve();
          if (kind === 'stopped') reject(new MergeError('Concord stopped'));
        };
        followView(followed, ({ status }) => status.kind, statusChanged);
      });
      return {
        get text() {
          return client.text;
        },
        get length() {
          return client.documentText.lengthCodePoints;
        },
        get isSettled() {
          const { unsent, status } = followed.view;
          return unsent === 0 && ['saved', 'merged'].includes(status.kind);
        },
        edit: (operation) => client.edit(operation),
        whenSettled: () => client.whenSynchronized(),
        connect: () => client.networkBack(),
        close: () => client.close(),
      };
    },
  };
}
