/** A document's undo history on this device. Where nothing can be kept, undo reaches back to the last reload. */
import { keptDocuments, type KeptUndo } from '@concord/client/browser';
import type { DocumentId } from '@concord/protocol';

/** The editor does not wait longer than this for a history. */
const PATIENCE_MS = 500;

/** Where an editor gets its history from, and leaves it. */
export interface UndoKeeping {
  readonly kept: KeptUndo | null;
  save(undo: KeptUndo): void;
}

/** Loads what is kept of a person's history of a document. Never rejects, and never takes long. */
export async function openDeviceUndo(
  documentId: DocumentId,
  userId: string | null,
): Promise<UndoKeeping> {
  if (userId === null) return { kept: null, save: () => undefined };
  const kept = await Promise.race([
    keptDocuments.loadUndo(documentId, userId).catch(() => null),
    new Promise<null>((resolve) => setTimeout(() => resolve(null), PATIENCE_MS)),
  ]);
  return {
    kept,
    save: (undo) => void keptDocuments.saveUndo(documentId, userId, undo).catch(() => undefined),
  };
}
