/** The cached library of the person who uses this browser now. */
import { ownUserId } from '../identity/account-store.ts';
import type { KnownLibrary } from '../device/kept-list.ts';
import { loadKnown, updateKnown } from '../device/library-database.ts';

/** Empty if nothing is cached, or without storage. */
export async function knownHere(): Promise<KnownLibrary> {
  const userId = await ownUserId();
  return userId === null ? [] : loadKnown(userId);
}

/** Updates the cache in the background. */
export function remember(update: (known: KnownLibrary) => KnownLibrary): void {
  void ownUserId().then((userId) => (userId === null ? [] : updateKnown(userId, update)));
}
