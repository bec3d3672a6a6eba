/**
 * Requests persistent storage, which the browser does not evict when the disk is full. Some browsers prompt the person,
 * so it is requested only once there is something to lose.
 */
let isAsked = false;

/** To be called when this device has unsent edits, or a document that is pinned for offline use. */
export function keepStorage(): void {
  if (isAsked) return;
  isAsked = true;
  // Undefined on plain http, contrary to its type.
  const storage = navigator.storage as StorageManager | undefined;
  storage?.persist().catch(() => undefined);
}
