/** What is open in this page and must be on the device before the page reloads: documents, above all. */

/** Resolves with whether all of it is written. */
type Save = () => Promise<boolean>;

const open = new Set<Save>();

/**
 * Something is open.
 * @param save resolves with whether all of it is written; if not, the page does not reload
 * Returns the function that says that it was closed.
 */
export function workIsOpen(save: Save): () => void {
  // Another function each time: the same one may be given twice.
  const own: Save = () => save();
  open.add(own);
  return () => void open.delete(own);
}

/** Whether everything that is open is written. */
export async function saveOpenWork(): Promise<boolean> {
  const saved = await Promise.all([...open].map((save) => save().catch(() => false)));
  return saved.every((each) => each);
}
