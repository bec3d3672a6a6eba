import { expect, it } from 'vitest';
import { ScopeNeededError } from '../access/access-error.ts';
import { DocumentError, documentNotFound, TextChangedError } from '../documents/document-error.ts';
import { DomainError } from '../platform/domain-error.ts';
import { problemOfError } from './problem-of-error.ts';

it('an error of the domain is a problem with its sentence, its status, and when to try again', () => {
  const error = new DocumentError('searchesWaiting', 'Wait.', { retryAfterSeconds: 2 });
  expect(problemOfError(error)).toMatchObject({
    status: 429,
    code: 'busy',
    title: 'Too many searches',
    message: 'Wait.',
    headers: { 'retry-after': '2' },
  });
  expect(problemOfError(documentNotFound())).toMatchObject({
    status: 404,
    code: 'notFound',
    headers: {},
  });
});

it('a text that changed is a failed precondition with the tag of the text that there is', () => {
  const problem = problemOfError(new TextChangedError('"7"'));
  expect(problem).toMatchObject({
    status: 412,
    code: 'preconditionFailed',
    headers: { etag: '"7"' },
  });
});

it('a scope that an API token lacks is named for programs, where there is one', () => {
  const named = problemOfError(new ScopeNeededError('sharing'));
  const challenge = 'Bearer error="insufficient_scope"';
  expect(named?.headers).toEqual({ 'www-authenticate': `${challenge}, scope="sharing"` });
  expect(problemOfError(new ScopeNeededError(null))?.headers).toEqual({
    'www-authenticate': challenge,
  });
});

it('an error of the domain that no table knows is the server’s own', () => {
  class Unmapped extends DomainError {}
  expect(
    problemOfError(new Unmapped('unmapped', 'Of a folder that is not in the table.')),
  ).toBeNull();
});
