/** What the server refused, in words that stand where it was tried. Pure. */
import { ApiError } from '../http/api.ts';
import { messages } from '../i18n/messages.ts';

/** Ours where we have them; else the server's own; and for no answer at all, that nothing was changed. */
export function problemText(error: unknown): string {
  if (!(error instanceof ApiError) || error.status === 0) return messages.sharing.failed;
  const problems: Readonly<Record<string, string>> = messages.sharing.problems;
  return problems[error.code] ?? error.message;
}
