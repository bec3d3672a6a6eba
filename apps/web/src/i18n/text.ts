/** Texts that people read, in the language of the page (CONTRIBUTING.md, "Add a text, a language or an icon"). */
import { IntlMessageFormat } from 'intl-messageformat';
import { locale, translation } from './catalogue.ts';

export interface Text {
  /** Names it in the catalogues; of this text alone. */
  readonly id: string;
  /** English, in ICU's syntax: `{count, plural, one {# word} other {# words}}`. */
  readonly defaultMessage: string;
}

const formats = new Map<string, IntlMessageFormat>();

/**
 * The text with its values. Extraction finds calls of this name, and needs both fields as literals.
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
