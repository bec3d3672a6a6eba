/**
 * What is done for the device in the background, after the page: queues that closed tabs left behind are sent, and
 * documents that were not used for longest make room.
 */
import { ownUserId } from '../identity/account-store.ts';
import type * as DeviceModule from './device.ts';
import { keepingLimits } from '../device/keeping-limits.ts';
import { leftBehindRefused } from './left-behind.tsx';

/** The page comes first, and what it opens by itself. */
const AFTER_MS = 3_000;

/** From now on, for as long as the page lives. */
export function startTidying(): void {
  setTimeout(() => void makeRoom().then(sendLeftBehind), AFTER_MS);
  addEventListener('online', () => void sendLeftBehind());
}

/** Takes what is beyond the limits from the device. Resolves when it is done, or cannot be done now. */
export async function makeRoom(): Promise<void> {
  await inBackground(async (userId, { keptDocuments, openDocumentIds }) =>
    keptDocuments.forgetLeastUsed(userId, keepingLimits(), await openDocumentIds()),
  );
}

const sentListeners = new Set<() => void>();

/** Told when what was left behind may have reached the server. Returns the function that stops it. */
export function whenLeftBehindIsSent(listener: () => void): () => void {
  sentListeners.add(listener);
  return () => void sentListeners.delete(listener);
}

async function sendLeftBehind(): Promise<void> {
  await inBackground(async (userId, { ownAccess, sendOrphans, unsentDocuments }) => {
    if (!navigator.onLine || (await unsentDocuments()) === 0) return;
    await sendOrphans(userId, ownAccess, (_id, refused) => leftBehindRefused(refused));
    for (const listener of sentListeners) listener();
  });
}

type Device = typeof DeviceModule;

async function inBackground(
  work: (userId: string, device: Device) => Promise<void>,
): Promise<void> {
  const userId = await ownUserId();
  if (userId === null) return;
  // No storage, or no network after all: there is nothing to do, or it is done the next time.
  await import('./device.ts').then((device) => work(userId, device)).catch(() => undefined);
}
