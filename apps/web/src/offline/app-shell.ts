/**
 * What the service worker caches and answers: the app shell, and no personal data. Texts, API responses and tokens
 * never get into its caches; documents have a store of their own (packages/client). Pure; the build (vite.config.ts)
 * generates the service worker from it.
 */

/** Pages of the server (http/pages.ts): path and query of requests that are answered with the shell. */
export const shellAddresses: readonly RegExp[] = [
  /^\/(?:new|sign-in|sign-up|account)?(?:\?.*)?$/,
  // Not the text of a document, `/d/<id>.md`, which the server answers.
  /^\/d\/(?![^/?]+\.md(?:\?|$))[^/?]+(?:\?.*)?$/,
  /^\/s\/[^/?]+(?:\?.*)?$/,
];

/** Directory of code-block languages in the build: many small files, cached on first use. */
export const LANGUAGES_DIRECTORY = 'assets/languages';

/** Parsers and modes of languages, except the editor's own Markdown. */
const languageModule =
  /@codemirror\/(?:lang-(?!markdown)|legacy-modes|autocomplete)|@lezer\/(?!common|highlight|markdown)/;

/**
 * Whether a chunk contains only languages of code blocks.
 * @param moduleIds of all its modules; virtual ones of the bundler begin with NUL and count as either
 */
export function isLanguageChunk(moduleIds: readonly string[]): boolean {
  const real = moduleIds.filter((id) => !id.startsWith('\0'));
  return real.length > 0 && real.every((id) => languageModule.test(id));
}
