/** Maps an error of the API to a text in the language of the page. Pure. */
import { ApiError } from '../http/api.ts';
import { messages } from '../i18n/messages.ts';

/** The app's text for a problem code; undefined if there is none. */
export function wordsOfCode(code: string): string | undefined {
  return own(messages.problems, code);
}

/** The app's text if there is one, else the server's; without a response, that nothing was changed. */
export function problemText(error: unknown): string {
  if (!(error instanceof ApiError) || error.status === 0) return messages.sharing.failed;
  return own(messages.sharing.problems, error.code) ?? wordsOfCode(error.code) ?? error.message;
}

function own(texts: Readonly<Record<string, string>>, code: string): string | undefined {
  return Object.hasOwn(texts, code) ? texts[code] : undefined;
}
