/**
 * GitHub Flavored Markdown. Built from the parser rather than by `markdown()`, which would bundle the HTML, CSS and
 * JavaScript languages; those are loaded when a code block names them.
 */
import { commonmarkLanguage, markdownKeymap, pasteURLAsLink } from '@codemirror/lang-markdown';
import { Language, LanguageDescription, LanguageSupport, ParseContext } from '@codemirror/language';
import { Prec, type Extension } from '@codemirror/state';
import { keymap } from '@codemirror/view';
import type { Parser } from '@lezer/common';
import { GFM, parseCode, type MarkdownParser } from '@lezer/markdown';
import { boundedParsing } from './bounded-parsing.ts';

/** The list of code languages, loaded with the first code block that names one. */
let codeLanguages: readonly LanguageDescription[] | null = null;
let loadingCodeLanguages: Promise<void> | null = null;

function loadCodeLanguages(): Promise<void> {
  loadingCodeLanguages ??= import('@codemirror/language-data').then(({ languages }) => {
    codeLanguages = languages;
  });
  return loadingCodeLanguages;
}

function codeParser(info: string): Parser | null {
  const name = /^[^\s{]+/.exec(info)?.[0];
  if (name === undefined) return null;
  if (/^(?:md|markdown|gfm)$/i.test(name)) return withoutCode;
  if (codeLanguages === null) return ParseContext.getSkippingParser(loadCodeLanguages());
  const description = LanguageDescription.matchLanguageName(codeLanguages, name, true);
  if (description === null) return null;
  return (
    description.support?.language.parser ??
    ParseContext.getSkippingParser(description.load().then(() => undefined))
  );
}

/** Parser for Markdown in a code block. Its own code blocks stay plain, since each level would be parsed once more. */
const withoutCode: MarkdownParser = (commonmarkLanguage.parser as MarkdownParser).configure([
  GFM,
  boundedParsing,
]);
const parser: MarkdownParser = withoutCode.configure(parseCode({ codeParser }));

/** Has CommonMark's language data, by which the Markdown commands recognize the language. */
export const markdownLanguage = new Language(commonmarkLanguage.data, parser, [], 'markdown');

export const markdownExtension: Extension = [
  new LanguageSupport(markdownLanguage),
  Prec.high(keymap.of(markdownKeymap)),
  pasteURLAsLink,
];
