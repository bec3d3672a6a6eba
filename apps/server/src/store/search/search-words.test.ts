import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fold } from './fold.ts';
import { hitsIn, passageOf, termsWithHits } from './passage.ts';
import { indexWordsOf, lookupsOf, searchTermsOf, tokensOf } from './search-words.ts';
import { PIECE_LENGTH, piecesOf } from './text-pieces.ts';

/** As a store does: all words of the index first, then the text itself. */
function finds(search: string, text: string): boolean {
  const terms = searchTermsOf(search);
  const words = [...indexWordsOf(text).keys()];
  const isIndexed = terms.every((term) =>
    lookupsOf(term).every(({ word, isPrefix }) =>
      words.some((each) => (isPrefix ? each.startsWith(word) : each === word)),
    ),
  );
  const isThere = terms.length > 0 && termsWithHits(hitsIn(text, terms)).size === terms.length;
  // The index may promise too much, never too little.
  if (isThere) expect(isIndexed).toBe(true);
  return isIndexed && isThere;
}

describe('a search finds', () => {
  it.each([
    ['a whole word', 'apple', 'An apple a day'],
    ['the beginning of the last word', 'day app', 'An apple a day'],
    ['capitals', 'ÄRGER', 'ärger'],
    ['a word without its accents', 'resume', 'Résumé'],
    ['a word with accents that the text does not have', 'Résumé', 'resume'],
    ['ss for ß', 'strasse', 'Straße'],
    ['ß for ss', 'Straße', 'STRASSE'],
    ['a capital ß', 'GROẞE', 'große'],
    ['d for đ', 'dang', 'đang'],
    ['a Turkish dotless i', 'ilik', 'ılık'],
    ['a Turkish dotted capital', 'istanbul', 'İSTANBUL'],
    ['l for ł', 'lodz', 'Łódź'],
    ['o for ø', 'oresund', 'Øresund'],
    ['ae for æ', 'aeon', 'Æon'],
    ['the end of a Greek word in capitals', 'ΟΔΟΣ', 'οδος'],
    ['Cyrillic е for ё', 'елка', 'Ёлка'],
    ['full-width letters', 'hello', 'ＨＥＬＬＯ'],
    ['by full-width letters', 'ｈｅｌｌｏ', 'Hello'],
    ['a ligature', 'office', 'oﬃce'],
    ['a unit in one character', 'kg', '5 ㎏'],
    ['decomposed letters', 'caf\u00e9', 'cafe\u0301'],
    ['Arabic without its vowels', 'محمد', 'مُحَمَّد'],
    ['Persian letters for Arabic ones', 'کتاب', 'كتاب'],
    ['Persian without its joiner', 'میخواهم', 'می\u200cخواهم'],
    ['Hebrew without its points', 'שלום', 'שָׁלוֹם'],
    ['Hindi', 'हिन्दी', 'यह हिन्दी है'],
    ['Tamil', 'தமிழ்', 'இது தமிழ் மொழி'],
    ['Chinese within a run', '会议', '今天的会议记录'],
    ['Japanese within a run', '会議', '今日の会議録'],
    ['three Japanese characters', '会議録', '今日の会議録です'],
    ['one character', '猫', '黒猫が好き'],
    ['one character at the end', '猫', '黒い猫'],
    ['half-width katakana', 'ガイド', 'ｶﾞｲﾄﾞ'],
    ['katakana within a run', 'イド', 'ガイドブック'],
    ['Korean with an ending', '회의 참석', '내일 회의를 참석합니다'],
    ['Korean within a word', '회의', '정기회의'],
    ['decomposed Korean', '한국', '한국어'.normalize('NFD')],
    ['Thai within a run', 'ประชุม', 'การประชุมใหญ่'],
    ['Lao within a run', 'ປະຊຸມ', 'ກອງປະຊຸມໃຫຍ່'],
    ['Khmer within a run', 'ប្រជុំ', 'ការប្រជុំធំ'],
    ['Burmese within a run', 'အစည်း', 'အစည်းအဝေး'],
    ['Chinese beside Latin', '电话 iphone', '新iPhone电话'],
    ['an ideograph beyond the BMP', '𠮷野', '株式会社𠮷野家'],
    ['an emoji', '🎉', 'party 🎉🎉 tonight'],
    ['an emoji of another skin', '👍', 'ok 👍🏽'],
    ['an emoji of several', '👩‍💻', 'she 👩🏽‍💻 codes'],
    ['a flag', '🇩🇪', 'from 🇩🇪'],
    ['a heart with or without its selector', '❤', 'I ❤️ it'],
    ['a word right beside an emoji', 'party', '🎉party🎉'],
    ['a number', '2026', 'in 2026.'],
    ['a whole word of one letter', 'c', 'the language C'],
  ])('%s', (_what, search, text) => {
    expect(finds(search, text)).toBe(true);
  });

  it.each([
    ['a word that is only begun, unless it is the last', 'app day', 'An apple a day'],
    ['what begins with one letter', 'a', 'apple'],
    ['the middle of a word', 'ppl', 'apple'],
    ['kana with another voicing', 'カイト', 'ガイド'],
    ['Hindi with another vowel', 'हनद', 'हिन्दी'],
    ['characters that do not follow one another', '会録議', '会録 録議 会議録'],
    ['pairs from different places', '東京都', '京都と東京'],
    ['Thai letters from different places', 'กขค', 'ขค กข'],
    ['another emoji', '🎈', '🎉'],
    ['punctuation', '"', 'he said "no"'],
    ['all words when one is missing', 'apple pear', 'apple'],
  ])('not %s', (_what, search, text) => {
    expect(finds(search, text)).toBe(false);
  });

  it('any part of a text of several scripts', () => {
    const words = fc.constantFrom(
      ...['apple', 'Straße', 'ＡＢＣ', '今日の会議録', 'การประชุม', '회의를', 'हिन्दी', '🎉', '👩‍💻', 'مُحَمَّد', 'c', '42', 'ﬀ', 'İ'], // prettier-ignore
    );
    const gaps = fc.constantFrom(' ', '\n', ', ', '-', '');
    fc.assert(
      fc.property(fc.array(fc.tuple(words, gaps), { minLength: 1, maxLength: 20 }), (parts) => {
        const text = parts.flat().join('');
        for (const [word, gap] of parts) if (gap !== '') void word;
        for (const { text: token, kind } of tokensOf(text)) {
          if (kind !== 'word') expect(finds(token, text)).toBe(true);
          else expect(finds(`${token} `, text)).toBe(true);
        }
      }),
    );
  });
});

it('tokens are where they stand in the text', () => {
  const text = 'Die Straße: 今日、🎉 ｶﾞ';
  expect([...tokensOf(text)].map(({ start, end }) => text.slice(start, end))).toEqual(
    ['Die', 'Straße', '今', '日', '🎉', 'ｶﾞ'], // prettier-ignore
  );
});

it('folding twice is folding once', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const folded = fold(text);
      expect(fold(folded)).toBe(folded);
    }),
    { numRuns: 2_000 },
  );
});

it('any text has tokens in order, and a hundred thousand marks on a letter are little work', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      let at = 0;
      for (const { start, end, text: token } of tokensOf(text)) {
        expect(start).toBeGreaterThanOrEqual(at === 0 ? 0 : 0);
        expect(end).toBeGreaterThan(start);
        expect(token).not.toBe('');
        at = end;
      }
      expect(at).toBeLessThanOrEqual(text.length);
    }),
  );
  expect([...tokensOf(`a${'\u0301\u0316'.repeat(50_000)} b`)].map(({ text }) => text)).toEqual(['a', 'b']); // prettier-ignore
});

it('looks up a bounded number of pairs for a long run', () => {
  const [term = expect.fail()] = searchTermsOf('一二三四五六七八九十'.repeat(20));
  expect(lookupsOf(term).length).toBeLessThanOrEqual(13);
});

it('repeated terms are deduplicated', () => {
  expect(searchTermsOf('w '.repeat(90))).toHaveLength(1);
});

describe('a passage', () => {
  const passage = (text: string, search: string): string =>
    passageOf(text, hitsIn(text, searchTermsOf(search)));

  it('marks every hit, and says where the text goes on', () => {
    const text = `${'before '.repeat(40)}the needle and the NEEDLES ${'after '.repeat(60)}`;
    expect(passage(text, 'needle').replaceAll('\u0002', '<').replaceAll('\u0003', '>')).toMatch(
      /^…(before )+the <needle> and the <NEEDLES> (after )*after…$/,
    );
    expect(passage('a needle', 'needle')).toBe('a \u0002needle\u0003');
  });

  it('is the one with the most different words', () => {
    const text = `one ${'x '.repeat(300)} two one ${'x '.repeat(300)}`;
    expect(passage(text, 'one two')).toContain('\u0002two\u0003 \u0002one\u0003');
  });

  it('marks part of a run, and the whole of an accented word', () => {
    expect(passage('今日の会議録', '会議')).toBe('今日の\u0002会議\u0003録');
    expect(passage('cafe\u0301s', 'cafe')).toBe('\u0002cafe\u0301s\u0003');
    expect(passage('ok 👩🏽‍💻', '👩‍💻')).toContain('\u0002💻\u0003');
  });

  it('holds no marks of the text itself, and no half of a surrogate pair', () => {
    expect(passage('a\u0002b needle\u0003', 'needle')).toBe('a b \u0002needle\u0003 ');
    for (let shift = 0; shift < 4; shift += 1) {
      const text = `${'x'.repeat(shift)}${'😀'.repeat(200)}needle${'😀'.repeat(200)}`;
      expect(passage(text, 'needle').isWellFormed()).toBe(true);
    }
  });
});

it('pieces cover the text, are bounded, and split no word unnecessarily', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('word', ' ', '会議', '😀', 'x'.repeat(3_000), '\n')),
      fc.nat(4),
      (parts, times) => {
        const text = parts.join('').repeat(times);
        const pieces = [...piecesOf(text)];
        expect(pieces.join('')).toBe(text);
        for (const piece of pieces) {
          expect(piece.length).toBeLessThanOrEqual(PIECE_LENGTH);
          expect(piece.isWellFormed()).toBe(true);
        }
      },
    ),
  );
  const words = 'some words and more '.repeat(2_000);
  const of = (text: string): string[] => [...tokensOf(text)].map(({ text: token }) => token);
  expect([...piecesOf(words)].flatMap(of)).toEqual(of(words));
});
