/**
 * Folding: what counts as the same letter in a search. The index and the query are folded by the same function, so
 * that the rules may be generous: case, width, compatibility forms, accents, and the letters below.
 *
 * Marks that are accents or optional vowel points are dropped; those that make another letter (the dakuten of kana,
 * the vowel signs of Indic scripts and Thai) stay.
 */

/** Letters that Unicode does not decompose, and that people type in several ways. After lower-casing. */
const alike: Readonly<Record<string, string>> = {
  ...{ ß: 'ss', đ: 'd', ð: 'd', ø: 'o', ł: 'l', ı: 'i', æ: 'ae', œ: 'oe', þ: 'th', ħ: 'h' },
  ...{ ŧ: 't', ŋ: 'n', ĸ: 'k', ς: 'σ' },
  // Arabic: alef maksura and the Persian letters are typed for each other, teh marbuta for heh.
  ...{ ى: 'ي', ی: 'ي', ک: 'ك', ة: 'ه' },
};
const alikeLetters = new RegExp(`[${Object.keys(alike).join('')}]`, 'gu');

/** Marks and signs that a search passes over, as ranges of code points in hexadecimal. */
const passedOver = [
  // Accents of Latin, Greek and Cyrillic.
  '300-36f 1ab0-1aff 1dc0-1dff 20d0-20ff fe20-fe2f',
  // Points of Hebrew.
  '591-5bd 5bf-5bf 5c1-5c2 5c4-5c5 5c7-5c7',
  // Vowels and other marks of Arabic, and tatweel.
  '610-61a 640-640 64b-65f 670-670 6d6-6ed',
  // Variation selectors.
  'fe00-fe0f 180b-180d e0100-e01ef',
  // Invisible inside a word: soft hyphen, zero-width spaces and joiners.
  'ad-ad 200b-200d 2060-2060 feff-feff',
].join(' ');
const dropped = new RegExp(`[${passedOver.replaceAll(/(\w+)-(\w+) ?/g, '\\u{$1}-\\u{$2}')}]`, 'gu');

/** The folded form of a piece of text that starts with a base character. May be empty, or longer than what was given. */
export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .normalize('NFKD')
    .replace(dropped, '')
    .replace(alikeLetters, (letter) => alike[letter] ?? letter)
    .normalize('NFC');
}
