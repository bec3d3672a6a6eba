import { expect, it } from 'vitest';
import { NotHereError } from '../documents/not-here-error.ts';
import { problemOfError } from './problem-of-error.ts';

it('a request for a document that another node has may come again in a moment', () => {
  const elsewhere = new NotHereError({
    ...{ leaseId: 'b-1', node: 'b', address: 'http://b:8080', publicUrl: null },
    ...{ weight: 1, isDraining: false },
  });
  const problem = problemOfError(elsewhere);
  const headers = { 'retry-after': '1' };
  expect(problem).toMatchObject({ status: 503, code: 'documentMoving', headers });
  expect(problem?.message).not.toContain('http://b');
});
