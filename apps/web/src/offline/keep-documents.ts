/** Downloads documents to this device without opening them, and pins them for offline use. */
import type { ListedDocument } from '@concord/protocol';
import { ownUserId } from '../identity/account-store.ts';
import type { KeptDocuments } from '../device/kept-list.ts';
import { keepStorage } from '../device/persistent-storage.ts';

/** A document could not be downloaded: no connection, no access, or no storage. */
export class NotKeptError extends Error {
  readonly code: 'offline' | 'stopped' | 'storageBlocked';

  constructor(code: NotKeptError['code']) {
    super(`The document could not be put on this device: ${code}`);
    this.code = code;
  }
}

/** The person's documents on this device; empty without storage. */
export async function loadKept(): Promise<KeptDocuments> {
  const userId = await ownUserId();
  if (userId === null) return new Map();
  try {
    const { keptDocuments } = await import('./device.ts');
    const kept = await keptDocuments.list(userId);
    return new Map(kept.map((document) => [document.documentId, document]));
  } catch {
    return new Map();
  }
}

/**
 * Pins or unpins a document. A pinned one that is missing on this device, or older than in the list, is downloaded.
 * Rejects with a {@link NotKeptError} when that fails; then it is not pinned.
 */
export async function setKeptOffline(
  document: ListedDocument,
  kept: KeptDocuments,
  isKept: boolean,
): Promise<void> {
  const own = kept.get(document.id);
  const isHere = own !== undefined && (own.isNew || own.version >= document.version);
  const userId = await ownUserId();
  if (userId === null) throw new NotKeptError('storageBlocked');
  const { keptDocuments } = await import('./device.ts');
  const keep = async (isWanted: boolean): Promise<void> =>
    keptDocuments.keepOffline(document.id, userId, isWanted).catch(() => {
      throw new NotKeptError('storageBlocked');
    });
  // Pin first: an unpinned download, never opened here, would be the first to be evicted.
  await keep(isKept);
  if (!isKept) return;
  keepStorage();
  if (isHere) return;
  try {
    await putOnDevice(document);
  } catch (error) {
    await keep(false);
    throw error;
  }
}

/** Downloads the listed version of the text, or a newer one. Rejects with a {@link NotKeptError}. */
export async function putOnDevice(document: ListedDocument): Promise<void> {
  const [userId, device] = await Promise.all([ownUserId(), import('./device.ts')]);
  if (userId === null) throw new NotKeptError('storageBlocked');
  await device.putOnDevice(document, userId, device.ownAccess).catch((error: unknown) => {
    if (error instanceof device.ServerRefusedError) throw new NotKeptError('stopped');
    throw new NotKeptError(error instanceof device.QueueStoreError ? 'storageBlocked' : 'offline');
  });
}
