import { expect, it } from 'vitest';
import { problemOfError } from '../http/problem-of-error.ts';
import { StoreUnavailableError } from '../store/ports/store-unavailable.ts';
import { storeRefusal } from './store-refusal.ts';

it('a session is told that its text is kept, and when it may come again', () => {
  expect(storeRefusal(new StoreUnavailableError('open', 3_500), 'It failed.')).toEqual({
    code: 'storeUnavailable',
    retryable: true,
    retryAfterMs: 3_500,
    detail: expect.stringMatching(
      /database .* does not answer now\. What you typed is kept/,
    ) as string,
  });
  const busy = storeRefusal(new StoreUnavailableError('busy', 1_000), 'It failed.');
  expect(busy.detail).toMatch(/too much to do/);
});

it('of another error the session is told what failed, and the client chooses when it tries again', () => {
  expect(storeRefusal(new Error('bug'), 'It failed.')).toEqual({
    code: 'storeUnavailable',
    retryable: true,
    detail: 'It failed.',
  });
});

it('a request gets 503, what is safe, and Retry-After in whole seconds', () => {
  expect(problemOfError(new StoreUnavailableError('open', 1_200))).toMatchObject({
    status: 503,
    code: 'storeUnavailable',
    headers: { 'retry-after': '2' },
    message: expect.stringMatching(/Nothing was changed.*try again in a moment/) as string,
  });
  expect(problemOfError(new StoreUnavailableError('late', 5_000))?.message).toMatch(
    /may still be stored: look before you try it again/,
  );
});
