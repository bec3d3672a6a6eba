/** The REST API as the client needs it for one document: to make it, and to rename it. */
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

/** Asking again later may be answered otherwise. */
const passing: ReadonlySet<number> = new Set([401, 408, 425, 429]);

/** There is no room on the server, for the person or for all, until there is some again. */
const wantOfRoom: ReadonlySet<string> = new Set(['quotaExceeded', 'savingPaused']);

/** Rejects with ServerRefusedError for what is refused for good, else with what the API rejected with. */
async function asked<T>(question: Promise<T>): Promise<T> {
  try {
    return await question;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (wantOfRoom.has(error.code)) throw new ServerRefusedError(error.code, error.message, false);
    const isFinal = error.status >= 400 && error.status < 500 && !passing.has(error.status);
    throw isFinal ? new ServerRefusedError(error.code, error.message) : error;
  }
}

/** Where it was begun on this device; empty where nothing can be kept. */
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
      // The cookie was lost, or is refused by now: asking tells which, and gives another. Then it is tried again.
      if (error instanceof ApiError && error.code === 'cookieNeeded') await loadMe();
      throw error;
    }
  },
  // Sent also when the page goes away.
  rename: (documentId, { id: renameId, base, title }) =>
    asked(renameDocument(documentId, { title, base, renameId }, { keepalive: true })),
};

/** How this page reaches its server, as whoever uses this browser now. */
export const ownAccess: Access = { credentials: accessToken, server: documentServer };
