/** Takes a person's documents from this device: their texts, what lists know of them, and what can be undone. */
import { keptDocuments } from '@concord/client/browser';
import { forgetKnown } from './library-database.ts';

/**
 * What the server does not have stays unless `alsoUnsent`. Resolves with how many documents stay; a device that keeps
 * nothing has nothing to remove.
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
