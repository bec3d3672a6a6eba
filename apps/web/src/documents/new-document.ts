/**
 * Begins a document. Its id is made here, so that it opens at once, with or without a network, under the address
 * that it keeps; the server gets it when there is a connection (client/session.ts, `create`).
 */
import { documentPath, randomDocumentId } from '@concord/protocol';
import { knownMe, ownUserId } from '../account/account-store.ts';
import { navigate } from '../routes.ts';
import { ApiError, createDocument } from './api.ts';

/** Whether one may create is asked before, but not waited for: a server that is away does not keep one from it. */
const PATIENCE_MS = 500;

/** @param folder in which it is put; empty for none. Rejects with an {@link ApiError}. */
export async function beginDocument(
  folder = '',
  options: { replace?: boolean } = {},
): Promise<void> {
  const userId = await ownUserId();
  const me = await knownMe(PATIENCE_MS);
  if (me?.mayCreate === false) throw new ApiError('accountNeeded', 403, 'An account is needed');
  // Folders are kept by the server alone.
  const made = folder === '' ? null : await createDocument({ folder }).catch(notReached);
  if (made === null && userId === null) throw new ApiError('network', 0, 'No answer');
  navigate(made?.url ?? documentPath(randomDocumentId(), ''), {
    ...options,
    state: { isNew: true },
  });
}

/** Without a network it is begun all the same; what the server says against it counts. */
function notReached(error: unknown): null {
  if (error instanceof ApiError && error.status === 0) return null;
  throw error;
}
