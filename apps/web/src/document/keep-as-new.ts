/** Saves the text of a stopped client as a new document of the person. */
import { randomDocumentId, TITLE_CHARACTERS } from '@concord/protocol';
import { wordsOfCode } from '../forms/problem-text.ts';
import { messages } from '../i18n/messages.ts';
import { navigate } from '../navigation/routes.ts';
import { ApiError, putDocument } from '../http/api.ts';

/** Title of a copy; the suffix that distinguishes it is never truncated. Pure. */
export function titleOfCopy(title: string): string {
  const { untitled, copyOf } = messages.documents;
  const characters = [...(title.trim() === '' ? untitled : title.trim())];
  while (copyOf(characters.join('')).length > TITLE_CHARACTERS) characters.pop();
  return copyOf(characters.join('').trimEnd());
}

/**
 * Returns a function that creates a document with the text and opens it; it resolves with the problem, or null.
 * Idempotent: a retry uses the same document id, so that a lost response does not create two documents.
 */
export function keepingAsNew(): (title: string, text: string) => Promise<string | null> {
  const id = randomDocumentId();
  return async (title, text) => {
    try {
      const { url } = await putDocument(id, { title: titleOfCopy(title), text });
      navigate(url);
      return null;
    } catch (error) {
      const isExplained = error instanceof ApiError && error.status >= 400 && error.status < 500;
      return isExplained
        ? `${wordsOfCode(error.code) ?? error.message} ${messages.stopped.textStays}`
        : messages.stopped.keepFailed;
    }
  };
}
