/**
 * What the service worker keeps and answers: the shell of the app, and nothing that is anybody's. Texts, answers
 * of the API and tokens never get into its caches; documents have a store of their own (packages/client).
 * Pure; the build (vite.config.ts) makes the service worker from it.
 */

/** The pages of the server (http/pages.ts): path and query of what is answered with the shell. */
export const shellAddresses: readonly RegExp[] = [
  /^\/(?:new|sign-in|sign-up|account)?(?:\?.*)?$/,
  // The text of a document, `/d/<id>.md`, is the server's.
  /^\/d\/(?![^/?]+\.md(?:\?|$))[^/?]+(?:\?.*)?$/,
  /^\/s\/[^/?]+(?:\?.*)?$/,
];

/** Where languages of code blocks lie in the build: many small files, kept once they were used. */
export const LANGUAGES_DIRECTORY = 'assets/languages';

/** Parsers and modes of languages; the Markdown of the editor itself is not one. */
const languageModule =
  /@codemirror\/(?:lang-(?!markdown)|legacy-modes|autocomplete)|@lezer\/(?!common|highlight|markdown)/;

/**
 * Whether a chunk is only needed by languages of code blocks.
 * @param moduleIds of all its modules; those that a bundler makes up begin with NUL, and belong to either side
 */
export function isLanguageChunk(moduleIds: readonly string[]): boolean {
  const real = moduleIds.filter((id) => !id.startsWith('\0'));
  return real.length > 0 && real.every((id) => languageModule.test(id));
}
