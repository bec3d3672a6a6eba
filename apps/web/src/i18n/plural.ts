/**
 * Counts in sentences, in the language of the page's texts. Plural forms go through `Intl.PluralRules`, so that a
 * language may have more forms than English.
 */
export const LOCALE = 'en';

const pluralRules = new Intl.PluralRules(LOCALE);
export const numbers = new Intl.NumberFormat(LOCALE);

export type PluralForms = Partial<Record<Intl.LDMLPluralRule, string>> & { readonly other: string };

/** The form for `count`, with `#` replaced by the number. */
export function plural(count: number, forms: PluralForms): string {
  return (forms[pluralRules.select(count)] ?? forms.other).replace('#', numbers.format(count));
}
