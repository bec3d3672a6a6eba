import { expect, test } from 'vitest';
import { ApiError } from '../http/api.ts';
import { messages } from '../i18n/messages.ts';
import { formProblem, problemOfCode } from './form-problem.ts';

const words = messages.account;

test('a field that the server refuses is named, with the app’s own text', () => {
  const detail = 'userName: must have 2 to 39 letters, digits, dots, dashes or underscores.';
  expect(formProblem(new ApiError('invalidBody', 400, detail))).toEqual({
    field: 'userName',
    text: words.invalid.userName,
  });
});

test('a field without a text of the app shows the server’s message', () => {
  const error = new ApiError('invalidBody', 400, 'label: Too long.');
  expect(formProblem(error)).toEqual({ field: 'label', text: 'label: Too long.' });
});

test('a name or an address that is taken is reported at its field', () => {
  expect(formProblem(new ApiError('userNameTaken', 409, '')).field).toBe('userName');
  expect(formProblem(new ApiError('emailTaken', 409, '')).field).toBe('email');
});

test('a wrong password is reported at the field in which it was entered', () => {
  const error = new ApiError('wrongPassword', 403, '');
  expect(formProblem(error).field).toBe('password');
  expect(formProblem(error, 'current').field).toBe('current');
});

test('a missing response is reported as a network problem', () => {
  const text = words.failed;
  expect(formProblem(new ApiError('network', 0, ''))).toEqual({ field: null, text });
  expect(formProblem(new TypeError('no such thing'))).toEqual({ field: null, text });
});

test('a problem code in the address bar is shown only if the app has a text for it', () => {
  expect(problemOfCode('signOnFailed')).toBe(words.problems.signOnFailed);
  expect(problemOfCode('constructor')).toBeUndefined();
});
