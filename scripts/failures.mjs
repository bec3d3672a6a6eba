/** What failed, short enough for the end of a long output: a machine that keeps only the end of it names it all. */
import { stripVTControlCharacters } from 'node:util';

const LINES = 6;
const CHARACTERS = 160;

/** The first lines of a message, or with a negative number the last ones, without colours. */
function excerpt(message, lines = LINES) {
  const all = stripVTControlCharacters(message)
    .split('\n')
    .map((line) => line.trimEnd());
  const told = all.filter((line) => line.trim() !== '');
  const kept = lines < 0 ? told.slice(lines) : told.slice(0, lines);
  return kept.map((line) => `    ${line.slice(0, CHARACTERS)}`).join('\n');
}

/**
 * Failures of a report of Vitest's JSON reporter.
 * @returns a text for each: file, name of the test, beginning of the message
 */
export function vitestFailures({ testResults = [] }) {
  return testResults.flatMap(({ name: file, status, message = '', assertionResults = [] }) => {
    const tests = assertionResults.filter((each) => each.status === 'failed');
    // A file that could not be loaded has no tests.
    if (tests.length === 0) return status === 'failed' ? [`${file}\n${excerpt(message)}`] : [];
    return tests.map(
      ({ fullName, failureMessages = [] }) =>
        `${file} › ${fullName}\n${excerpt(failureMessages.join('\n'))}`,
    );
  });
}

/** Failures of a report of Playwright's JSON reporter, in the same form. */
export function playwrightFailures({ suites = [], errors = [] }) {
  const ofSuite = ({ specs = [], suites: inner = [] }) => [
    ...specs.filter(({ ok }) => !ok).map(describe),
    ...inner.flatMap(ofSuite),
  ];
  const describe = ({ file, line, title, tests = [] }) => {
    const results = tests.flatMap((test) => test.results ?? []);
    const messages = results.flatMap((result) => (result.errors ?? []).map((each) => each.message));
    return `${file}:${line} › ${title}\n${excerpt(messages.join('\n'))}`;
  };
  return [...suites.flatMap(ofSuite), ...errors.map(({ message }) => excerpt(message ?? ''))];
}

/** Failure of a stage that has no report. */
export const stageFailure = (name, output) => `${name}\n${excerpt(output, -2 * LINES)}`;
