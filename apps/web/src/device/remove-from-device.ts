/** Removes a person's documents from this device: texts, cached list entries and undo histories. */
import { keptDocuments } from '@concord/client/browser';
import { forgetKnown } from './library-database.ts';

/**
 * Documents with unsent edits stay unless `alsoUnsent`. Resolves with the number of documents that stay; 0 without
 * storage.
 */
export async function removeFromDevice(
  userId: string,
  options: { readonly alsoUnsent?: boolean } = {},
): Promise<number> {
  const [left] = await Promise.all([
    keptDocuments.removeAll(userId, options).catch(() => 0),
    forgetKnown(userId),
  ]);
  return left;
}
