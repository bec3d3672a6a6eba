/**
 * The translated texts of the page's language. English needs none: it stands in the code. Another language is fetched
 * before any module that has texts runs, since they import this one and it waits (top-level `await`).
 */
import germanAddress from './locales/de.json?url';
import { wantedLanguage, PSEUDO, type Language } from './language.ts';

/** ICU messages by the ids that the code gives them. */
export type Catalogue = Readonly<Record<string, string>>;

interface Translation {
  readonly language: Language | typeof PSEUDO;
  /** Where it was fetched; null for what is part of the code. */
  readonly address: string | null;
  readonly translate: (id: string, english: string) => string;
}

const addresses: Readonly<Record<Exclude<Language, 'en'>, string>> = { de: germanAddress };

const english: Translation = {
  language: 'en',
  address: null,
  translate: (_id, text) => text,
};

/** English where the catalogue cannot be had now, such as offline after an update: texts that one can read at all. */
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

/** What `Intl` formats in. It knows no pseudo-locale. */
export const locale: Language = translation.language === PSEUDO ? 'en' : translation.language;

if (typeof document !== 'undefined') document.documentElement.lang = translation.language;
