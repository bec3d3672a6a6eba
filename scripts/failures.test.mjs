import { expect, it } from 'vitest';
import { playwrightFailures, stageFailure, vitestFailures } from './failures.mjs';

it('a failed test of Vitest is named with its file and the beginning of its message', () => {
  const report = {
    testResults: [
      {
        name: 'a.test.ts',
        status: 'failed',
        assertionResults: [
          { status: 'passed', fullName: 'is right' },
          {
            status: 'failed',
            fullName: 'is wrong',
            failureMessages: ['\u001b[31mRed\u001b[39m\n\nbecause\n'],
          },
        ],
      },
      { name: 'b.test.ts', status: 'passed', assertionResults: [] },
      { name: 'c.test.ts', status: 'failed', message: 'Cannot find module', assertionResults: [] },
    ],
  };
  expect(vitestFailures(report)).toEqual([
    'a.test.ts › is wrong\n    Red\n    because',
    'c.test.ts\n    Cannot find module',
  ]);
});

it('a failed test of Playwright is named, in whatever suite it is', () => {
  const failed = {
    ...{ ok: false, file: 'a.spec.ts', line: 7, title: 'two people type' },
    tests: [{ results: [{ errors: [{ message: 'Not visible' }] }] }],
  };
  const report = {
    suites: [{ specs: [{ ok: true }], suites: [{ specs: [failed] }] }],
    errors: [{ message: 'No tests found' }],
  };
  expect(playwrightFailures(report)).toEqual([
    'a.spec.ts:7 › two people type\n    Not visible',
    '    No tests found',
  ]);
});

it('a failed stage without a report shows the end of its output', () => {
  const lines = Array.from({ length: 30 }, (_, index) => `line ${index + 1}`);
  const shown = stageFailure('Linting', lines.join('\n'));
  expect(shown.split('\n')).toHaveLength(13);
  expect(shown).toMatch(/^Linting\n {4}line 19\n/);
  expect(shown).toMatch(/line 30$/);
});
