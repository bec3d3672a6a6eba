/** What this browser knows of the documents of the person who uses it now. */
import { ownUserId } from '../identity/account-store.ts';
import type { KnownLibrary } from '../device/kept-list.ts';
import { loadKnown, updateKnown } from '../device/library-database.ts';

/** Empty when nothing is known, or nothing can be kept. */
export async function knownHere(): Promise<KnownLibrary> {
  const userId = await ownUserId();
  return userId === null ? [] : loadKnown(userId);
}

/** Changes what is known, in the background. */
export function remember(update: (known: KnownLibrary) => KnownLibrary): void {
  void ownUserId().then((userId) => (userId === null ? [] : updateKnown(userId, update)));
}
