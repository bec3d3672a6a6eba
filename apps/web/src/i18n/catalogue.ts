/**
 * The translated texts of the page's language. English needs no catalogue: it is in the code. Others are fetched before
 * any module with texts runs, since these import this module, which uses top-level `await`.
 */
import germanAddress from './locales/de.json?url';
import { wantedLanguage, PSEUDO, type Language } from './language.ts';

/** ICU messages by id. */
export type Catalogue = Readonly<Record<string, string>>;

interface Translation {
  readonly language: Language | typeof PSEUDO;
  /** URL of the catalogue; null for texts in the code. */
  readonly address: string | null;
  readonly translate: (id: string, english: string) => string;
}

const addresses: Readonly<Record<Exclude<Language, 'en'>, string>> = { de: germanAddress };

const english: Translation = {
  language: 'en',
  address: null,
  translate: (_id, text) => text,
};

/** Falls back to English if the catalogue cannot be fetched, for instance offline after an update. */
async function load(language: Language | typeof PSEUDO): Promise<Translation> {
  if (language === 'en') return english;
  if (language === PSEUDO) {
    const { pseudo } = await import('./pseudo.ts');
    return { language, address: null, translate: (_id, text) => pseudo(text) };
  }
  const address = addresses[language];
  const response = await fetch(address);
  if (!response.ok) throw new Error(`No catalogue at ${address}`);
  const catalogue = (await response.json()) as Catalogue;
  return { language, address, translate: (id, text) => catalogue[id] ?? text };
}

export const translation = await load(wantedLanguage()).catch(() => english);

/** Locale for `Intl`, which has no pseudo-locale. */
export const locale: Language = translation.language === PSEUDO ? 'en' : translation.language;

if (typeof document !== 'undefined') document.documentElement.lang = translation.language;
