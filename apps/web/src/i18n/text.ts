/** Displayed texts in the language of the page (CONTRIBUTING.md, "Add a text, a language or an icon"). */
import { IntlMessageFormat } from 'intl-messageformat';
import { locale, translation } from './catalogue.ts';

export interface Text {
  /** Unique id in the catalogues. */
  readonly id: string;
  /** English, in ICU syntax: `{count, plural, one {# word} other {# words}}`. */
  readonly defaultMessage: string;
}

const formats = new Map<string, IntlMessageFormat>();

/**
 * The text with its values. Extraction finds calls of this function, and requires both fields to be literals.
 */
export function t(text: Text, values?: Readonly<Record<string, string | number>>): string {
  const { id, defaultMessage } = text;
  if (values === undefined) return translation.translate(id, defaultMessage);
  let format = formats.get(id);
  if (format === undefined) {
    format = new IntlMessageFormat(translation.translate(id, defaultMessage), locale);
    formats.set(id, format);
  }
  return String(format.format(values));
}
