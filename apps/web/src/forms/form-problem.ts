/** What went wrong, in our words, and at which field of a form. Pure. */
import { ApiError } from '../http/api.ts';
import { messages } from '../i18n/messages.ts';
import { wordsOfCode } from './problem-text.ts';

const words = messages.account;

export interface FormProblem {
  /** The field as the server names it; null when it is about the whole. */
  readonly field: string | null;
  readonly text: string;
}

/** Codes that are about one field. */
const fieldsOfCodes: Readonly<Record<string, string>> = {
  userNameTaken: 'userName',
  emailTaken: 'email',
};

/** @param wrongPassword the field that a password was given in to prove who one is */
export function formProblem(error: unknown, wrongPassword = 'password'): FormProblem {
  if (!(error instanceof ApiError) || error.status === 0) {
    return { field: null, text: words.failed };
  }
  const { code, message } = error;
  if (code === 'invalidBody') {
    // "userName: must have …." – the first field that is not valid.
    const field = /^(\w+):/.exec(message)?.[1] ?? null;
    return { field, text: own(words.invalid, field ?? '') ?? message };
  }
  const field = code === 'wrongPassword' ? wrongPassword : (own(fieldsOfCodes, code) ?? null);
  return { field, text: problemOfCode(code) ?? wordsOfCode(code) ?? message };
}

/** Undefined for a code that we have no words for. */
export function problemOfCode(code: string): string | undefined {
  return own(words.problems, code);
}

function own(texts: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(texts, key) ? texts[key] : undefined;
}
