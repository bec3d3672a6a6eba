/**
 * The language of the page: what was chosen on this device, else the first of the browser's languages that the app
 * speaks, else English. It is decided once, when the page loads: a choice loads the page again.
 */
import { storage } from '../device/storage.ts';

/** With the names that their speakers know them by. */
export const languages = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof languages;

/** English with accents and 40 % longer: shows texts that are in no catalogue, and those that are cut off. */
export const PSEUDO = 'en-XA';

const CHOICE = 'concord.language';

/** Null when the browser's languages decide. */
export function chosenLanguage(): Language | typeof PSEUDO | null {
  const choice = storage.get(CHOICE);
  return choice === PSEUDO || isLanguage(choice) ? choice : null;
}

/** @param language null to leave it to the browser's languages */
export function chooseLanguage(language: Language | null): void {
  if (language === null) storage.remove(CHOICE);
  else storage.set(CHOICE, language);
  location.reload();
}

/**
 * The first that the app speaks, by its primary subtag: `de` for `de-AT`. English if there is none. Pure.
 * @param wanted language tags, the preferred one first
 */
export function matchLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const primary = tag.toLowerCase().split('-')[0] ?? '';
    if (isLanguage(primary)) return primary;
  }
  return 'en';
}

/** Tests of texts run without a browser, in English. */
export const wantedLanguage = (): Language | typeof PSEUDO =>
  typeof document === 'undefined' ? 'en' : (chosenLanguage() ?? matchLanguage(navigator.languages));

function isLanguage(tag: string | null): tag is Language {
  return tag !== null && Object.hasOwn(languages, tag);
}
