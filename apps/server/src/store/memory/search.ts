/** The search index, in memory: the words of each text, and the text in pieces. */
import type { DocumentId } from '@concord/protocol';
import { compareText } from '../../platform/core/text-order.ts';
import type { SearchIndex } from '../ports/library-store.ts';
import type { SearchedTexts } from '../search/hit-pages.ts';
import { hitsIn, passageOf, termsWithHits, type Hit } from '../search/passage.ts';
import { BEGINNINGS_COUNTED, mustBeCompared, scoreOf, type Match } from '../search/ranking.ts';
import { indexWordsOf, lookupsOf, type Lookup, type SearchTerm } from '../search/search-words.ts';
import { piecesOf } from '../search/text-pieces.ts';
import type { Boundary } from './boundary.ts';
import { listed } from './library.ts';
import type { DocumentRow, IndexedText, MemoryState } from './memory-state.ts';

/** Updated while the disk is full too, because it is derived data. */
export function searchIndex(state: MemoryState, { read, writeDerived }: Boundary): SearchIndex {
  return {
    put: writeDerived((documentId, version, text) => {
      const known = state.indexedTexts.get(documentId)?.version ?? 0;
      // An index ahead of the log belongs to a log that was replaced by an older one: it is not newer.
      const isOlder = known > version && known <= state.headVersion(documentId);
      if (!state.documents.has(documentId) || isOlder) return;
      state.indexedTexts.set(documentId, indexedText(version, text.toWellFormed()));
    }),
    behind: read((limit, after) =>
      [...state.documents.keys()]
        .filter((id) => after === null || compareText(id, after) > 0)
        .filter((id) => (state.indexedTexts.get(id)?.version ?? 0) !== state.headVersion(id))
        .sort(compareText)
        .slice(0, limit),
    ),
  };
}

function indexedText(version: number, text: string): IndexedText {
  const pieces = [...piecesOf(text)];
  const words = new Map<string, number>();
  let wordCount = 0;
  for (const piece of pieces) {
    for (const [word, count] of indexWordsOf(piece)) {
      words.set(word, (words.get(word) ?? 0) + count);
      wordCount += count;
    }
  }
  return { version, pieces, words, wordCount };
}

export function searchedTexts(state: MemoryState, { read }: Boundary): SearchedTexts {
  const rowsOf = (ids: readonly DocumentId[]): readonly DocumentRow[] => {
    const meant = new Set(ids);
    return state.documents.filter(({ stored }) => meant.has(stored.id));
  };
  return {
    searchable: read((scope, limit) =>
      listed(state, scope)
        .map(({ entry }) => entry)
        .sort((one, other) => other.updatedAt - one.updatedAt || compareText(one.id, other.id))
        .slice(0, limit)
        .map(({ id }) => id),
    ),
    match: read((ids, terms) => rowsOf(ids).flatMap((row) => matchOf(state, row, terms))),
    entries: read((scope, ids) => {
      const meant = new Set(ids);
      const shown = listed(state, scope).filter(({ entry }) => meant.has(entry.id));
      return new Map(shown.map(({ entry }) => [entry.id, entry]));
    }),
    passages: read((ids, terms) => {
      const passages = new Map<DocumentId, string>();
      for (const { stored } of rowsOf(ids)) {
        const passage = passageIn(stored.title, piecesIn(state, stored.id), terms);
        if (passage !== null) passages.set(stored.id, passage);
      }
      return passages;
    }),
  };
}

const piecesIn = (state: MemoryState, id: DocumentId): readonly string[] =>
  state.indexedTexts.get(id)?.pieces ?? [];

function matchOf(
  state: MemoryState,
  { stored }: DocumentRow,
  terms: readonly SearchTerm[],
): readonly Match[] {
  const inTitle = termsWithHits(hitsIn(stored.title, terms));
  const text = state.indexedTexts.get(stored.id);
  let score = 0;
  for (const [number, term] of terms.entries()) {
    const counts = lookupsOf(term).map((lookup) => countOf(text, lookup));
    const count = Math.min(...counts);
    if (count === 0 && !inTitle.has(number)) return [];
    score += scoreOf(inTitle.has(number), count, text?.wordCount ?? 0);
  }
  return [{ id: stored.id, score, updatedAt: stored.updatedAt }];
}

function countOf(text: IndexedText | undefined, { word, isPrefix }: Lookup): number {
  if (text === undefined) return 0;
  if (!isPrefix) return text.words.get(word) ?? 0;
  return [...text.words]
    .filter(([each]) => each.startsWith(word))
    .sort(([one], [other]) => compareText(one, other))
    .slice(0, BEGINNINGS_COUNTED)
    .reduce((sum, [, count]) => sum + count, 0);
}

/** A passage of the piece with most terms, else of the title. Null when a run of characters does not occur. */
function passageIn(
  title: string,
  pieces: readonly string[],
  terms: readonly SearchTerm[],
): string | null {
  const titleHits = hitsIn(title, terms);
  const found = new Set(termsWithHits(titleHits));
  let best: { readonly piece: string; readonly hits: readonly Hit[] } | null = null;
  let most = 0;
  for (const piece of pieces) {
    const hits = hitsIn(piece, terms);
    const there = termsWithHits(hits);
    for (const term of there) found.add(term);
    if (there.size > most) [best, most] = [{ piece, hits }, there.size];
  }
  if (terms.some((term, number) => mustBeCompared(term) && !found.has(number))) return null;
  return best === null ? passageOf(title, titleHits) : passageOf(best.piece, best.hits);
}
