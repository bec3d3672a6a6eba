/**
 * Begins a document. Its id is made here, so that it opens at once, with or without a network, under the address
 * that it keeps; the server gets it when there is a connection (packages/client/src/core/session.ts, `create`).
 */
import { documentPath, randomDocumentId } from '@concord/protocol';
import { knownMe, ownUserId } from '../identity/account-store.ts';
import { cookiesAreBlocked } from '../device/cookies.ts';
import { navigate } from '../navigation/routes.ts';
import { ApiError, putDocument } from '../http/api.ts';

/** Whether one may create is asked before, but not waited for: a server that is away does not keep one from it. */
const PATIENCE_MS = 500;

/** @param folder in which it is put; empty for none. Rejects with an {@link ApiError}. */
export async function beginDocument(
  folder = '',
  options: { replace?: boolean } = {},
): Promise<void> {
  const userId = await ownUserId();
  const me = await knownMe(PATIENCE_MS);
  // The page says so, in place of everything.
  if (cookiesAreBlocked()) return;
  if (me?.mayCreate === false) throw new ApiError('accountNeeded', 403, 'An account is needed');
  // Then nobody was ever here, and nothing could be told to be theirs.
  if (userId === null) throw new ApiError('network', 0, 'No answer');
  const id = randomDocumentId();
  if (folder !== '') {
    const { keptDocuments } = await import('../offline/device.ts');
    // Where nothing can be kept the server has to know at once.
    await keptDocuments.begunIn(id, userId, folder).catch(() => putDocument(id, { folder }));
  }
  navigate(documentPath(id, ''), { ...options, state: { isNew: true } });
}
