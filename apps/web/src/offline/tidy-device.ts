/**
 * Background maintenance of this device: sends the queues of closed tabs, and evicts the least recently used documents.
 */
import { ownUserId } from '../identity/account-store.ts';
import type * as DeviceModule from './device.ts';
import { keepingLimits } from '../device/keeping-limits.ts';
import { leftBehindRefused } from './left-behind.tsx';

/** Delay, so that loading the page has priority. */
const DELAY_MS = 3_000;

/** Starts the maintenance, for the lifetime of the page. */
export function startTidying(): void {
  setTimeout(() => void makeRoom().then(sendLeftBehind), DELAY_MS);
  addEventListener('online', () => void sendLeftBehind());
}

/** Evicts documents beyond the limits. Resolves when done, or when it is not possible now. */
export async function makeRoom(): Promise<void> {
  await inBackground(async (userId, { keptDocuments, openDocumentIds }) =>
    keptDocuments.forgetLeastUsed(userId, keepingLimits(), await openDocumentIds()),
  );
}

const sentListeners = new Set<() => void>();

/** Called after queues of closed tabs may have reached the server. Returns the unsubscribe function. */
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
  // No storage or no network: nothing to do, or repeated the next time.
  await import('./device.ts').then((device) => work(userId, device)).catch(() => undefined);
}
