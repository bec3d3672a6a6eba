/**
 * Creates a document. Its id is generated here, so that it opens at once, with or without a network, under its
 * permanent address; the server receives it once connected (packages/client/src/core/session.ts, `create`).
 */
import { documentPath, randomDocumentId } from '@concord/protocol';
import { knownMe, ownUserId } from '../identity/account-store.ts';
import { cookiesAreBlocked } from '../device/cookies.ts';
import { navigate } from '../navigation/routes.ts';
import { ApiError, putDocument } from '../http/api.ts';

/** Timeout of the check whether the person may create documents: an unreachable server does not prevent it. */
const CHECK_TIMEOUT_MS = 500;

/** @param folder of the new document; empty for none. Rejects with an {@link ApiError}. */
export async function beginDocument(
  folder = '',
  options: { replace?: boolean } = {},
): Promise<void> {
  const userId = await ownUserId();
  const me = await knownMe(CHECK_TIMEOUT_MS);
  // The page shows that cookies are required in place of everything.
  if (cookiesAreBlocked()) return;
  if (me?.mayCreate === false) throw new ApiError('accountNeeded', 403, 'An account is needed');
  // Without a user id (first visit, server unreachable) the document could not be assigned to a person.
  if (userId === null) throw new ApiError('network', 0, 'No answer');
  const id = randomDocumentId();
  if (folder !== '') {
    const { keptDocuments } = await import('../offline/device.ts');
    // Without storage the server must create the document at once.
    await keptDocuments.begunIn(id, userId, folder).catch(() => putDocument(id, { folder }));
  }
  navigate(documentPath(id, ''), { ...options, state: { isNew: true } });
}
