/** What must hold once everything is settled. */
import type { DocumentId } from '@concord/protocol';
import type { Typist } from './typist.ts';

export interface TextVerdict {
  /** Lines that were typed, and are not in the text, or more than once. */
  readonly missing: readonly string[];
  readonly doubled: readonly string[];
  /** Lines that were taken back, and are there. */
  readonly back: readonly string[];
  /** Lines that are in the text, and were not typed so. */
  readonly foreign: readonly string[];
  /** People who see another text. */
  readonly differing: readonly string[];
}

/** Of a document that holds nothing but what these people typed. */
export function judge(text: string, typists: readonly Typist[]): TextVerdict {
  const counts = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line !== '') counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  const typed = new Set(typists.flatMap(({ lines }) => [...lines]));
  const removed = new Set(typists.flatMap((typist) => [...typist.removed]));
  return {
    missing: [...typed].filter((line) => !counts.has(line)),
    doubled: [...counts].flatMap(([line, count]) => (count > 1 ? [line] : [])),
    back: [...removed].filter((line) => counts.has(line)),
    foreign: [...counts.keys()].filter((line) => !typed.has(line) && !removed.has(line)),
    differing: typists.filter(({ client }) => client.text !== text).map(({ name }) => name),
  };
}

export const flawless: TextVerdict = {
  missing: [],
  doubled: [],
  back: [],
  foreign: [],
  differing: [],
};

/** By document. */
export function groupedByDocument(
  typists: readonly Typist[],
): ReadonlyMap<DocumentId, readonly Typist[]> {
  const groups = new Map<DocumentId, Typist[]>();
  for (const typist of typists) {
    const group = groups.get(typist.documentId) ?? [];
    groups.set(typist.documentId, group);
    group.push(typist);
  }
  return groups;
}
