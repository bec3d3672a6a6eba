/** Persists a document's undo history on this device. Without storage, undo reaches back to the last reload. */
import { keptDocuments, type KeptUndo } from '@concord/client/browser';
import type { DocumentId } from '@concord/protocol';

/** Timeout for loading a history when an editor is created. */
const LOAD_TIMEOUT_MS = 500;

/** Loads and stores the undo history of an editor. */
export interface UndoKeeping {
  readonly kept: KeptUndo | null;
  save(undo: KeptUndo): void;
}

/** Loads a person's stored history of a document. Never rejects; bounded by the timeout. */
export async function openDeviceUndo(
  documentId: DocumentId,
  userId: string | null,
): Promise<UndoKeeping> {
  if (userId === null) return { kept: null, save: () => undefined };
  const kept = await Promise.race([
    keptDocuments.loadUndo(documentId, userId).catch(() => null),
    new Promise<null>((resolve) => setTimeout(() => resolve(null), LOAD_TIMEOUT_MS)),
  ]);
  return {
    kept,
    save: (undo) => void keptDocuments.saveUndo(documentId, userId, undo).catch(() => undefined),
  };
}
