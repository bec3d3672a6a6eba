/**
 * Tokenisation of texts and searches, shared by all stores. Pure.
 *
 * Three kinds of token:
 *   word       a run of letters, digits and marks in a script that puts spaces between words
 *   character  one character of a script that does not (Chinese, Japanese, Thai, …; Korean too, whose endings are
 *              written together with the word)
 *   symbol     an emoji or another symbol that is not punctuation
 *
 * The index contains words and symbols, and bigrams of characters, the last of a run also alone: the bigrams of any
 * part of a run are in the index. That all bigrams occur does not mean that they are adjacent, so that a run of three
 * or more is compared with the text itself (passage.ts).
 */
import { fold } from './fold.ts';

export interface Token {
  /** Folded. */
  readonly text: string;
  readonly kind: 'word' | 'character' | 'symbol';
  /** Where it stands, in UTF-16 code units. */
  readonly start: number;
  readonly end: number;
  /** A character directly after another one. */
  readonly follows: boolean;
}

/** What a document must have to be found. */
export type SearchTerm =
  | {
      readonly kind: 'word';
      /** Of a word or a symbol. */
      readonly word: string;
      /** Matches words that start with it. */
      readonly isPrefix: boolean;
    }
  | {
      readonly kind: 'run';
      /** Folded characters that follow one another. */
      readonly characters: readonly string[];
    };

/** Longer words, such as encoded data, are truncated in the index, which keeps it small. */
const WORD_LENGTH_MAX = 64;
/** A shorter last word is not treated as a prefix, which would match nearly everything. */
const PREFIX_LENGTH_MIN = 2;
/** Bound of marks on one letter: an adversarial text may have a hundred thousand, which folding would sort. */
const CLUSTER_LENGTH_MAX = 32;
/** Pairs of a long run that are looked up; the comparison with the text covers the others. */
const PAIRS_MAX = 12;

/** What can be part of a token: also signs that fold to letters (㎏, ℡), and what is invisible inside words. */
const runs = /[\p{L}\p{N}\p{M}\p{So}\u00ad\u200b-\u200d\u2060\ufeff]+/gu;
const asciiWord = /^[A-Za-z0-9]+$/;
const unspaced =
  /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{scx=Bopo}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}\p{scx=Yiii}\p{scx=Tale}\p{scx=Talu}\p{scx=Lana}\p{scx=Tavt}\p{scx=Java}\p{scx=Bali}]/u; // prettier-ignore
/** Belongs to the character before it: marks, vowels and ends of a decomposed Korean syllable, half-width voicing. */
const continues = /^[\p{M}\u1160-\u11ff\uff9e\uff9f\u00ad\u200b-\u200d\u2060\ufeff]$/u;
const letterOrDigit = /[\p{L}\p{N}]/u;

/** The tokens of a text in their order. */
export function* tokensOf(text: string): Generator<Token> {
  for (const { 0: run, index } of text.matchAll(runs)) {
    if (asciiWord.test(run)) {
      const word = run.toLowerCase().slice(0, WORD_LENGTH_MAX);
      yield { text: word, kind: 'word', start: index, end: index + run.length, follows: false };
    } else yield* tokensOfRun(run, index);
  }
}

function* tokensOfRun(run: string, at: number): Generator<Token> {
  let word = '';
  let wordStart = 0;
  let wordEnd = 0;
  const finished = (): readonly Token[] => {
    if (word === '') return [];
    const cut = word.slice(0, WORD_LENGTH_MAX).toWellFormed();
    word = '';
    return [{ text: cut, kind: 'word', start: wordStart, end: wordEnd, follows: false }];
  };
  let afterCharacter = false;
  let start = at;
  for (const cluster of clustersOf(run)) {
    const end = start + cluster.length;
    for (const character of foldedCluster(cluster)) {
      const kind = kindOf(character);
      if (kind === 'word') {
        if (word === '') wordStart = start;
        word += character;
        wordEnd = end;
      } else if (kind !== 'none') {
        yield* finished();
        const follows = kind === 'character' && afterCharacter;
        yield { text: character, kind, start, end, follows };
      }
      if (kind !== 'none') afterCharacter = kind === 'character';
    }
    start = end;
  }
  yield* finished();
}

/** Base characters with what continues them. */
function* clustersOf(run: string): Generator<string> {
  let cluster = '';
  for (const character of run) {
    if (cluster !== '' && !continuesCached(character)) {
      yield cluster;
      cluster = '';
    }
    cluster += character;
  }
  if (cluster !== '') yield cluster;
}

/** Bound of the caches by character or cluster, of which texts repeat few. */
const CACHE_MAX = 20_000;
function cached<V>(compute: (key: string) => V): (key: string) => V {
  const known = new Map<string, V>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const value = compute(key);
    if (known.size >= CACHE_MAX) known.clear();
    // Long clusters, such as a hundred marks on one letter, rarely repeat.
    if (key.length <= 8) known.set(key, value);
    return value;
  };
}

const continuesCached = cached((character) => continues.test(character));
const foldedCluster = cached((cluster) =>
  fold(cluster.slice(0, CLUSTER_LENGTH_MAX).toWellFormed()),
);
const kindOf = cached((character): Token['kind'] | 'none' => {
  if (unspaced.test(character)) return /[\p{L}\p{N}\p{M}]/u.test(character) ? 'character' : 'none';
  if (letterOrDigit.test(character) || /\p{M}/u.test(character)) return 'word';
  return /\p{So}/u.test(character) ? 'symbol' : 'none';
});

/** The words to be indexed of a text, with how often each is there. */
export function indexWordsOf(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  const add = (word: string): void => void counts.set(word, (counts.get(word) ?? 0) + 1);
  let before = '';
  for (const { text: word, kind, follows } of tokensOf(text)) {
    if (before !== '') add(follows ? before + word : before);
    before = kind === 'character' ? word : '';
    if (kind !== 'character') add(word);
  }
  if (before !== '') add(before);
  return counts;
}

/**
 * What is searched for, each once; a document needs all of it. The last word may be unfinished: what follows it, be
 * it a space, does not finish it, because people type on.
 */
export function searchTermsOf(search: string): readonly SearchTerm[] {
  const found: SearchTerm[] = [];
  let run: string[] = [];
  for (const { text, kind, follows } of tokensOf(search)) {
    if (kind !== 'character') found.push({ kind: 'word', word: text, isPrefix: false });
    else if (follows) run.push(text);
    else {
      run = [text];
      found.push({ kind: 'run', characters: run });
    }
  }
  const last = found.at(-1);
  if (last?.kind === 'word' && [...last.word].length >= PREFIX_LENGTH_MIN) {
    found[found.length - 1] = { ...last, isPrefix: true };
  }
  return [...new Map(found.map((term) => [JSON.stringify(term), term])).values()];
}

/** A word of the index that a document must have; with `isPrefix`, or one that begins so. */
export interface Lookup {
  readonly word: string;
  readonly isPrefix: boolean;
}

/** The words of the index that a term needs, all of them. */
export function lookupsOf(term: SearchTerm): readonly Lookup[] {
  if (term.kind === 'word') return [{ word: term.word, isPrefix: term.isPrefix }];
  const { characters } = term;
  // The last of a run stands alone or begins a pair.
  if (characters.length === 1) return [{ word: characters[0] ?? '', isPrefix: true }];
  const pairs = characters.slice(1).map((second, place) => (characters[place] ?? '') + second);
  const step = Math.max(1, pairs.length / PAIRS_MAX);
  const chosen = new Set<string>();
  for (let place = 0; place < pairs.length; place += step)
    chosen.add(pairs[Math.floor(place)] ?? '');
  return [...chosen].map((word) => ({ word, isPrefix: false }));
}
