/** How much stays on this device of what nobody asked to keep; a person may choose otherwise, for this browser. */
import type { KeepingLimits } from '@concord/client/browser';
import { storage } from './storage.ts';

const CHOICE = 'concord.keepDocuments';

/** What one may choose from, in documents. */
export const keepingChoices = [20, 100, 500] as const;
const USUAL = 100;
/** Texts have a few thousand characters, mostly: the count decides, except where texts are very long. */
const CHARACTERS_PER_DOCUMENT = 200_000;

export function keepingLimits(): KeepingLimits {
  const documents = keptCount();
  return { documents, characters: documents * CHARACTERS_PER_DOCUMENT };
}

/** How many documents are kept: the choice, or what is usual. */
export function keptCount(): number {
  const chosen = Number(storage.get(CHOICE));
  return keepingChoices.find((count) => count === chosen) ?? USUAL;
}

export function chooseKeptCount(count: number): void {
  storage.set(CHOICE, String(count));
}
