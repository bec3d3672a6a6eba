import type { ClientId, DocumentId } from '@concord/protocol';
import { emptyBuffer } from './buffer.ts';
import type { Replica } from './replica.ts';
import { UNKNOWN_TITLE_VERSION } from './title.ts';

/** A replica that has seen nothing of its document yet. */
export function newReplica(
  documentId: DocumentId,
  clientId: ClientId,
  userId: string | null = null,
): Replica {
  const { version, confirmed, inFlight, pending, pendingEdits, nextSeq } = emptyBuffer;
  return {
    documentId,
    clientId,
    userId,
    epoch: 0,
    historyId: null,
    opened: false,
    isNew: false,
    role: null,
    title: '',
    titleVersion: UNKNOWN_TITLE_VERSION,
    titleDraft: null,
    renames: [],
    version,
    head: null,
    confirmed,
    inFlight,
    pending,
    pendingEdits,
    nextSeq,
  };
}
