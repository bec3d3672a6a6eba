/** Puts documents on this device without showing them, and keeps those there that are to be kept. */
import type { DocumentClient } from '@concord/client';
import type { ListedDocument } from '@concord/protocol';
import { ownUserId } from '../account/account-store.ts';
import type { KeptDocuments } from './kept-list.ts';
import { keepStorage } from './persistent-storage.ts';

/** A text of a megabyte over a slow line. */
const FETCH_MS = 60_000;

/** A document could not be put on the device: no connection, no access, or no storage. */
export class NotKeptError extends Error {
  readonly code: 'offline' | 'stopped' | 'storageBlocked';

  constructor(code: NotKeptError['code']) {
    super(`The document could not be put on this device: ${code}`);
    this.code = code;
  }
}

/** What this device has of one's documents; nothing where the browser has no storage. */
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
 * Says that a document is to stay on this device, or need not. One that is not there yet, or older than what the
 * list says, is fetched first. Rejects with a {@link NotKeptError} when it could not be.
 */
export async function setKeptOffline(
  document: ListedDocument,
  kept: KeptDocuments,
  isKept: boolean,
): Promise<void> {
  const own = kept.get(document.id);
  const isHere = own !== undefined && (own.isNew || own.version >= document.version);
  if (isKept && !isHere) await putOnDevice(document);
  const userId = await ownUserId();
  if (userId === null) throw new NotKeptError('storageBlocked');
  const { keptDocuments } = await import('./device.ts');
  await keptDocuments.keepOffline(document.id, userId, isKept).catch(() => {
    throw new NotKeptError('storageBlocked');
  });
  if (isKept) keepStorage();
}

/** Fetches the text that the list speaks of, or a newer one. Rejects with a {@link NotKeptError}. */
export async function putOnDevice(document: Pick<ListedDocument, 'id' | 'version'>): Promise<void> {
  const [userId, { openDocument, ownAccess }] = await Promise.all([
    ownUserId(),
    import('./device.ts'),
  ]);
  const client = await openDocument({ ...ownAccess, documentId: document.id, userId });
  try {
    await untilVersion(client, document.version);
  } finally {
    await client.close();
  }
}

function untilVersion(client: DocumentClient, version: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new NotKeptError('offline')), FETCH_MS);
    const look = (): void => {
      const { status } = client;
      const isOpen = status.kind !== 'opening';
      if (status.kind === 'storageBlocked') reject(new NotKeptError('storageBlocked'));
      else if (status.kind === 'stopped') reject(new NotKeptError('stopped'));
      else if (isOpen && client.version >= version) resolve();
      else if (status.kind === 'offline') reject(new NotKeptError('offline'));
      else return;
      clearTimeout(timer);
    };
    client.on('status', look);
    client.on('change', look);
    client.whenOpen().then(look, () => undefined);
    look();
  });
}
