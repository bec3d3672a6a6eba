/**
 * Finding documents by their words, in MongoDB. A search goes through the documents that the person may read, and looks
 * up the words of each: what it finds, and in which order, depends on nothing that the person may not read.
 */
import type { DocumentId } from '@concord/protocol';
import { compareText } from '../../platform/core/text-order.ts';
import type { SearchedTexts } from '../search/hit-pages.ts';
import { hitsIn, passageOf, termsWithHits } from '../search/passage.ts';
import { BEGINNINGS_COUNTED, mustBeCompared, scoreOf, type Match } from '../search/ranking.ts';
import { lookupsOf, type Lookup, type SearchTerm } from '../search/search-words.ts';
import type { Collections, SearchTextRow } from './collections.ts';
import type { Core } from './core.ts';
import { listedEntries } from './library.ts';
import { listed } from './related.ts';

/** Pieces that are compared for a run of characters before it is assumed to occur. */
const PIECES_COMPARED_MAX = 64;
const PIECES_READ = 8;

export function searchedTexts({ rows, work }: Core): SearchedTexts {
  return {
    searchable: (scope, limit) =>
      work.read(async () => {
        const all = await listed(rows, scope);
        return [...all]
          .sort(
            (one, other) =>
              other.row.updatedAt - one.row.updatedAt || compareText(one.id, other.id),
          )
          .slice(0, limit)
          .map(({ id }) => id);
      }),
    match: (ids, terms) => work.read(() => match(rows, ids, terms)),
    entries: (scope, ids) =>
      work.read(async () => {
        const entries = await listedEntries(rows, await listed(rows, scope, ids));
        return new Map(entries.map((entry) => [entry.id, entry]));
      }),
    passages: (ids, terms) =>
      work.read(async () => {
        const found = await Promise.all(
          (await searched(rows, ids, terms)).map(async (each) => {
            const passage = await passageIn(rows, each, terms);
            return passage === null ? [] : ([[each.id, passage]] as const);
          }),
        );
        return new Map(found.flat());
      }),
  };
}

/** What the index says of a term in one text. */
interface TermInText {
  /** 0 when the text has not all words of the term. */
  readonly count: number;
  /** The first piece that can have the whole term. */
  readonly firstPiece: number;
}

interface Searched {
  readonly id: DocumentId;
  readonly title: string;
  readonly updatedAt: number;
  readonly text: SearchTextRow | null;
  /** One for each term. */
  readonly terms: readonly TermInText[];
}

async function searched(
  rows: Collections,
  ids: readonly DocumentId[],
  terms: readonly SearchTerm[],
): Promise<readonly Searched[]> {
  const among = { _id: { $in: [...ids] } };
  const [documents, texts] = await Promise.all([
    rows.documents.find(among, { projection: { title: 1, updatedAt: 1 } }).toArray(),
    rows.searchTexts.find(among).toArray(),
  ]);
  const textOf = new Map(texts.map((text) => [text._id, text]));
  const generations = texts.map(({ generation }) => generation);
  const found = await Promise.all(
    terms.map((term) =>
      Promise.all(lookupsOf(term).map((lookup) => lookedUp(rows, generations, lookup))),
    ),
  );
  return documents.map(({ _id: id, title, updatedAt }) => {
    const text = textOf.get(id) ?? null;
    const inText = found.map((lookups) => {
      const words = lookups.map((each) => each.get(text?.generation ?? ''));
      return {
        count: Math.min(...words.map((word) => word?.count ?? 0)),
        firstPiece: Math.max(...words.map((word) => word?.firstPiece ?? 0)),
      };
    });
    return { id, title, updatedAt, text, terms: inText };
  });
}

/** By generation; a text without the word is missing. */
async function lookedUp(
  { searchWords }: Collections,
  generations: readonly string[],
  { word, isPrefix }: Lookup,
): Promise<ReadonlyMap<string, TermInText>> {
  const among = { generation: { $in: [...generations] } };
  // All that is counted of a beginning is in the first row that has it, and in the next one.
  const filter = isPrefix
    ? {
        ...among,
        farBefore: { $lt: word },
        words: { $elemMatch: { word: { $gte: word, $lt: `${word}\u{10ffff}` } } },
      }
    : { ...among, 'words.word': word };
  const found = await searchWords
    .find(filter, { projection: { generation: 1, words: 1 } })
    .toArray();
  const isMeant = (each: string): boolean => (isPrefix ? each.startsWith(word) : each === word);
  const words = new Map<string, { word: string; count: number; firstPiece: number }[]>();
  for (const { generation, words: neighbours } of found) {
    const meant = neighbours.filter((each) => isMeant(each.word));
    words.set(generation, [...(words.get(generation) ?? []), ...meant]);
  }
  return new Map(
    [...words].map(([generation, all]) => {
      const counted = all
        .sort((one, other) => compareText(one.word, other.word))
        .slice(0, BEGINNINGS_COUNTED);
      const count = counted.reduce((sum, each) => sum + each.count, 0);
      const firstPiece = Math.min(...counted.map((each) => each.firstPiece));
      return [generation, { count, firstPiece }];
    }),
  );
}

async function match(
  rows: Collections,
  ids: readonly DocumentId[],
  terms: readonly SearchTerm[],
): Promise<readonly Match[]> {
  return (await searched(rows, ids, terms)).flatMap((each) => {
    const inTitle = termsWithHits(hitsIn(each.title, terms));
    let score = 0;
    for (const [number, { count }] of each.terms.entries()) {
      if (count === 0 && !inTitle.has(number)) return [];
      score += scoreOf(inTitle.has(number), count, each.text?.wordCount ?? 0);
    }
    return [{ id: each.id, score, updatedAt: each.updatedAt }];
  });
}

/** A passage of the piece with most terms, else of the title. Null when a run of characters does not occur. */
async function passageIn(
  rows: Collections,
  { title, text, terms: inText }: Searched,
  terms: readonly SearchTerm[],
): Promise<string | null> {
  const titleHits = hitsIn(title, terms);
  const inTitle = termsWithHits(titleHits);
  if (text === null) return passageOf(title, titleHits);
  const present = inText.filter(({ count }) => count > 0);
  const places = [...new Set(present.map(({ firstPiece }) => firstPiece))];
  let best: { readonly passage: string; readonly terms: number } | null = null;
  for (const content of await piecesAt(rows, text, places)) {
    const hits = hitsIn(content, terms);
    const count = termsWithHits(hits).size;
    if (count > (best?.terms ?? 0)) best = { passage: passageOf(content, hits), terms: count };
  }
  for (const [number, term] of terms.entries()) {
    if (inTitle.has(number) || !mustBeCompared(term)) continue;
    const passage = await compared(rows, text, term, inText[number]?.firstPiece ?? 0);
    if (passage === null) return null;
    if (passage !== '') best ??= { passage, terms: 1 };
  }
  return best?.passage ?? passageOf(title, titleHits);
}

async function piecesAt(
  { searchPieces }: Collections,
  { generation }: SearchTextRow,
  places: readonly number[],
): Promise<readonly string[]> {
  if (places.length === 0) return [];
  const found = await searchPieces
    .find({ generation, place: { $in: [...places] } }, { sort: { place: 1 } })
    .toArray();
  return found.map(({ content }) => content);
}

/** Looks the text through for a run of characters: a passage with it, empty for too long a text, null for none. */
async function compared(
  rows: Collections,
  text: SearchTextRow,
  term: SearchTerm,
  from: number,
): Promise<string | null> {
  for (let read = 0; read < PIECES_COMPARED_MAX; read += PIECES_READ) {
    const places = Array.from({ length: PIECES_READ }, (_, place) => from + read + place);
    const pieces = await piecesAt(rows, text, places);
    for (const content of pieces) {
      const hits = hitsIn(content, [term]);
      if (hits.length > 0) return passageOf(content, hits);
    }
    if (pieces.length < PIECES_READ) return null;
  }
  return '';
}
