/** Hits in a text, and the passage shown in the results. Pure. */
import { tokensOf, type SearchTerm, type Token } from './search-words.ts';

/** A place in a text, in UTF-16 code units. */
export interface Hit {
  /** Which of the terms. */
  readonly term: number;
  readonly start: number;
  readonly end: number;
}

/** Length of a passage, and how much of it stands before its first hit. In UTF-16 code units. */
const PASSAGE_LENGTH = 200;
const BEFORE_LENGTH = 50;
/** Bound of marked hits: a text can repeat one word many thousand times. */
const HITS_MAX = 500;
const BEGIN = '\u0002';
const END = '\u0003';

/** The hits of all terms in the order of the text, at most {@link HITS_MAX} of each. */
export function hitsIn(text: string, terms: readonly SearchTerm[]): readonly Hit[] {
  const hits: Hit[] = [];
  const counts = terms.map(() => 0);
  const add = (term: number, start: number, end: number): void => {
    counts[term] = (counts[term] ?? 0) + 1;
    if ((counts[term] ?? 0) <= HITS_MAX) hits.push({ term, start, end });
  };
  let run: Token[] = [];
  const finishRun = (): void => {
    terms.forEach((term, place) => {
      if (term.kind !== 'run') return;
      for (const from of placesOf(run, term.characters)) {
        const last = run[from + term.characters.length - 1];
        add(place, run[from]?.start ?? 0, last?.end ?? 0);
      }
    });
    run = [];
  };
  for (const token of tokensOf(text)) {
    if (token.kind === 'character' && token.follows) {
      run.push(token);
      continue;
    }
    finishRun();
    if (token.kind === 'character') run.push(token);
    else {
      terms.forEach((term, place) => {
        if (term.kind !== 'word') return;
        const { word, isPrefix } = term;
        const isHit = isPrefix ? token.text.startsWith(word) : token.text === word;
        if (isHit) add(place, token.start, token.end);
      });
    }
  }
  finishRun();
  return hits.sort((one, other) => one.start - other.start);
}

/** Where in the run the characters follow one another. */
function* placesOf(run: readonly Token[], characters: readonly string[]): Generator<number> {
  const [first] = characters;
  for (let from = 0; from + characters.length <= run.length; from += 1) {
    if (run[from]?.text !== first) continue;
    if (characters.every((character, place) => run[from + place]?.text === character)) yield from;
  }
}

/** The places of the terms that have a hit. */
export function termsWithHits(hits: readonly Hit[]): ReadonlySet<number> {
  return new Set(hits.map(({ term }) => term));
}

/**
 * The passage with the most different terms, the first of such; hits stand between U+0002 and U+0003, and an
 * ellipsis where the text goes on.
 */
export function passageOf(text: string, hits: readonly Hit[]): string {
  const begin = bestBegin(hits);
  const from = begin <= BEFORE_LENGTH ? 0 : wordStart(text, begin - BEFORE_LENGTH, begin);
  const until = wordEnd(text, from + PASSAGE_LENGTH);
  let passage = from === 0 ? '' : '…';
  let at = from;
  for (const { start, end } of hits) {
    // Hits of two terms may lie in one another.
    if (start < at || end > until) continue;
    passage += plain(text.slice(at, start)) + BEGIN + plain(text.slice(start, end)) + END;
    at = end;
  }
  passage += plain(text.slice(at, until));
  return until < text.length ? `${passage}…` : passage;
}

/** Where the first hit of the best passage starts. */
function bestBegin(hits: readonly Hit[]): number {
  let best = hits[0]?.start ?? 0;
  let bestCount = 0;
  hits.forEach(({ start }, place) => {
    const seen = new Set<number>();
    for (let next = place; next < hits.length; next += 1) {
      const hit = hits[next];
      if (hit === undefined || hit.end > start + PASSAGE_LENGTH - BEFORE_LENGTH) break;
      seen.add(hit.term);
    }
    if (seen.size > bestCount) [best, bestCount] = [start, seen.size];
  });
  return best;
}

/** The first place from `from` where a word begins, or the place itself, never within a surrogate pair. */
function wordStart(text: string, from: number, until: number): number {
  for (let at = from; at < until; at += 1) if (/\s/.test(text[at - 1] ?? '')) return at;
  return isLowSurrogate(text, from) ? from + 1 : from;
}

function wordEnd(text: string, until: number): number {
  if (until >= text.length) return text.length;
  for (let at = until; at > until - BEFORE_LENGTH; at -= 1)
    if (/\s/.test(text[at] ?? '')) return at;
  return isLowSurrogate(text, until) ? until - 1 : until;
}

function isLowSurrogate(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/** Removes the marks from texts that contain them. */
const plain = (text: string): string => text.replaceAll(BEGIN, ' ').replaceAll(END, ' ');
