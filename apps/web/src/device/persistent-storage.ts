/**
 * Asks the browser not to clear this site's storage by itself when the disk gets full. Some browsers ask the person:
 * so it is asked once there is something to lose, not before.
 */
let isAsked = false;

/** There are edits on this device that nobody else has, or a document that shall stay on it. */
export function keepStorage(): void {
  if (isAsked) return;
  isAsked = true;
  // Absent on plain http, whatever the type says.
  const storage = navigator.storage as StorageManager | undefined;
  storage?.persist().catch(() => undefined);
}
