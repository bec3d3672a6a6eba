/** Ranking of search hits, shared by all stores. Pure. */
import type { DocumentId } from '@concord/protocol';
import { compareText } from '../../platform/core/text-order.ts';
import type { SearchTerm } from './search-words.ts';

/** Bound of counted words with a prefix; more would not improve the ranking. */
export const BEGINNINGS_COUNTED = 8;

/** A document that has all terms, and its score, which does not depend on other documents. */
export interface Match {
  readonly id: DocumentId;
  readonly score: number;
  readonly updatedAt: number;
}

/** Best first; of equal ones what changed last; ties by id. */
export function inOrder(one: Match, other: Match): number {
  return (
    other.score - one.score || other.updatedAt - one.updatedAt || compareText(one.id, other.id)
  );
}

/** Two characters are one pair; of more, the pairs may stand in different places. */
export function mustBeCompared(term: SearchTerm): boolean {
  return term.kind === 'run' && term.characters.length > 2;
}

/**
 * A word in the title counts more than any number in the text; in the text, the share of the words matters, and
 * each further one less (the saturation of BM25, with a length of 500 words as the common one).
 */
export function scoreOf(isInTitle: boolean, count: number, words: number): number {
  const saturated = count === 0 ? 0 : count / (count + 1.2 * (0.25 + (0.75 * words) / 500));
  return (isInTitle ? 10_000 : 0) + Math.round(1_000 * saturated);
}
