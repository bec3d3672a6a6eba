import { messages } from '../i18n/messages.ts';

/** Display name of a person. */
export function displayName(person: { readonly name: string }): string {
  const name = person.name.trim();
  return name === '' ? messages.people.unnamed : name;
}

/** The first graphemes of the first and the last word. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/u).filter(Boolean);
  const chosen = words.length > 1 ? [words[0], words.at(-1)] : words;
  const letters = chosen.map((word) => firstGrapheme(word ?? '')).join('');
  return letters === '' ? '?' : letters.toLocaleUpperCase();
}

function firstGrapheme(word: string): string {
  for (const { segment } of new Intl.Segmenter().segment(word)) return segment;
  return '';
}
