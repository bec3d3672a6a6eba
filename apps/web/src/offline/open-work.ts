/** Registry of open work, such as documents, that must be saved before the page reloads. */

/** Resolves with whether everything was saved. */
type Save = () => Promise<boolean>;

const open = new Set<Save>();

/**
 * Registers open work.
 * @param save resolves with whether everything was saved; if not, the page does not reload
 * Returns the function that unregisters it.
 */
export function workIsOpen(save: Save): () => void {
  // A new function per registration: the same `save` may be registered twice.
  const own: Save = () => save();
  open.add(own);
  return () => void open.delete(own);
}

/** Saves all open work. Resolves with whether everything was saved. */
export async function saveOpenWork(): Promise<boolean> {
  const saved = await Promise.all([...open].map((save) => save().catch(() => false)));
  return saved.every((each) => each);
}
