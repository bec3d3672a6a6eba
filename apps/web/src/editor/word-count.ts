/** A word is a run of letters and digits; each Chinese or Japanese character counts as one. */
const word =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}]|['’._-](?=[\p{L}\p{N}]))*/gu;

export function countWords(text: string): number {
  let count = 0;
  word.lastIndex = 0;
  while (word.exec(text) !== null) count++;
  return count;
}
