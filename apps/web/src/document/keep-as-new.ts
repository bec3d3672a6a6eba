/** The text of a page that stopped, put into a document of one's own. */
import { randomDocumentId, TITLE_CHARACTERS } from '@concord/protocol';
import { wordsOfCode } from '../forms/problem-text.ts';
import { messages } from '../i18n/messages.ts';
import { navigate } from '../navigation/routes.ts';
import { ApiError, putDocument } from '../http/api.ts';

/** Title of a copy; the end that tells it from its original is never cut off. Pure. */
export function titleOfCopy(title: string): string {
  const { untitled, copyOf } = messages.documents;
  const characters = [...(title.trim() === '' ? untitled : title.trim())];
  while (copyOf(characters.join('')).length > TITLE_CHARACTERS) characters.pop();
  return copyOf(characters.join('').trimEnd());
}

/**
 * Returns a function that makes a new document with the text and opens it, and resolves with what went wrong, or
 * null. Called again after a failure it asks for the same document: an answer that was lost does not make two.
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
