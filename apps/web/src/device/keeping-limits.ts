/** Limits of the LRU cache of documents on this device that are not pinned; the person may change them per browser. */
import type { KeepingLimits } from '@concord/client/browser';
import { storage } from './storage.ts';

const CHOICE = 'concord.keepDocuments';

/** Selectable limits, in documents. */
export const keepingChoices = [20, 100, 500] as const;
const DEFAULT_COUNT = 100;
/** Most texts have a few thousand characters, so that the count decides unless texts are very long. */
const CHARACTERS_PER_DOCUMENT = 200_000;

export function keepingLimits(): KeepingLimits {
  const documents = keptCount();
  return { documents, characters: documents * CHARACTERS_PER_DOCUMENT };
}

/** The chosen limit in documents, or the default. */
export function keptCount(): number {
  const chosen = Number(storage.get(CHOICE));
  return keepingChoices.find((count) => count === chosen) ?? DEFAULT_COUNT;
}

export function chooseKeptCount(count: number): void {
  storage.set(CHOICE, String(count));
}
