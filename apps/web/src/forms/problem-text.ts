/** What the server refused, in words that stand where it was tried. Pure. */
import { ApiError } from '../http/api.ts';
import { messages } from '../i18n/messages.ts';

/** By the code of its answer, in the language of the page; undefined for a code without words. */
export function wordsOfCode(code: string): string | undefined {
  return own(messages.problems, code);
}

/** Ours where we have them; else the server's own; and for no answer at all, that nothing was changed. */
export function problemText(error: unknown): string {
  if (!(error instanceof ApiError) || error.status === 0) return messages.sharing.failed;
  return own(messages.sharing.problems, error.code) ?? wordsOfCode(error.code) ?? error.message;
}

function own(texts: Readonly<Record<string, string>>, code: string): string | undefined {
  return Object.hasOwn(texts, code) ? texts[code] : undefined;
}
