/** Implements the client's `DocumentServer` port with the REST API: creates and renames a document. */
import {
  keptDocuments,
  ServerRefusedError,
  type Access,
  type DocumentServer,
} from '@concord/client/browser';
import type { DocumentId } from '@concord/protocol';
import { accessToken } from '../http/access-token.ts';
import { beKnown, loadMe, ownUserId } from '../identity/account-store.ts';
import { ApiError, putDocument, renameDocument } from '../http/api.ts';

/** Client errors that are transient: worth a retry. */
const transientStatuses: ReadonlySet<number> = new Set([401, 408, 425, 429]);

/** Refusals for lack of space, for the person or on the whole server; retried once there is room. */
const outOfSpaceCodes: ReadonlySet<string> = new Set(['quotaExceeded', 'savingPaused']);

/** Rejects with ServerRefusedError for a refusal, else with the original error, which is retried. */
async function asked<T>(question: Promise<T>): Promise<T> {
  try {
    return await question;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (outOfSpaceCodes.has(error.code))
      throw new ServerRefusedError(error.code, error.message, false);
    const isFinal =
      error.status >= 400 && error.status < 500 && !transientStatuses.has(error.status);
    throw isFinal ? new ServerRefusedError(error.code, error.message) : error;
  }
}

/** The folder in which it was created on this device; empty without storage. */
async function folderOf(documentId: DocumentId): Promise<string> {
  const userId = await ownUserId();
  if (userId === null) return '';
  return keptDocuments.folderOf(documentId, userId).catch(() => '');
}

const documentServer: DocumentServer = {
  create: async (documentId) => {
    await beKnown();
    const folder = await folderOf(documentId);
    try {
      await asked(putDocument(documentId, { folder }));
    } catch (error) {
      // The cookie was lost or is refused: `loadMe` detects which, and obtains another. The client then retries.
      if (error instanceof ApiError && error.code === 'cookieNeeded') await loadMe();
      throw error;
    }
  },
  // `keepalive`: completed also when the page unloads.
  rename: (documentId, { id: renameId, base, title }) =>
    asked(renameDocument(documentId, { title, base, renameId }, { keepalive: true })),
};

/** Credentials and REST port of the current person in this browser. */
export const ownAccess: Access = { credentials: accessToken, server: documentServer };
