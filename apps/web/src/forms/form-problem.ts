/** Maps an error to a text and the form field it belongs to. Pure. */
import { ApiError } from '../http/api.ts';
import { messages } from '../i18n/messages.ts';
import { wordsOfCode } from './problem-text.ts';

const words = messages.account;

export interface FormProblem {
  /** The field by its name in the API; null if the problem concerns the whole form. */
  readonly field: string | null;
  readonly text: string;
}

/** Problem codes that concern a single field. */
const fieldsOfCodes: Readonly<Record<string, string>> = {
  userNameTaken: 'userName',
  emailTaken: 'email',
};

/** @param wrongPassword the field in which the confirming password was entered */
export function formProblem(error: unknown, wrongPassword = 'password'): FormProblem {
  if (!(error instanceof ApiError) || error.status === 0) {
    return { field: null, text: words.failed };
  }
  const { code, message } = error;
  if (code === 'invalidBody') {
    // "userName: must have …." – the name of the first invalid field.
    const field = /^(\w+):/.exec(message)?.[1] ?? null;
    return { field, text: own(words.invalid, field ?? '') ?? message };
  }
  const field = code === 'wrongPassword' ? wrongPassword : (own(fieldsOfCodes, code) ?? null);
  return { field, text: problemOfCode(code) ?? wordsOfCode(code) ?? message };
}

/** The app's text for a problem code; undefined if there is none. */
export function problemOfCode(code: string): string | undefined {
  return own(words.problems, code);
}

function own(texts: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(texts, key) ? texts[key] : undefined;
}
