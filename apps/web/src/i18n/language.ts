/**
 * The language of the page: the one chosen on this device, else the first of the browser's languages that the app
 * supports, else English. Determined once, when the page loads: a choice reloads the page.
 */
import { storage } from '../device/storage.ts';

/** Supported languages with their native names. */
export const languages = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof languages;

/** Pseudo-locale: English with accents, 40 % longer, which reveals hard-coded and truncated texts. */
export const PSEUDO = 'en-XA';

const CHOICE = 'concord.language';

/** Null if no language was chosen, and the browser's languages decide. */
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
 * The first supported language, by its primary subtag: `de` for `de-AT`. English if there is none. Pure.
 * @param wanted language tags, the preferred one first
 */
export function matchLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const primary = tag.toLowerCase().split('-')[0] ?? '';
    if (isLanguage(primary)) return primary;
  }
  return 'en';
}

/** English in unit tests, which run without a browser. */
export const wantedLanguage = (): Language | typeof PSEUDO =>
  typeof document === 'undefined' ? 'en' : (chosenLanguage() ?? matchLanguage(navigator.languages));

function isLanguage(tag: string | null): tag is Language {
  return tag !== null && Object.hasOwn(languages, tag);
}
