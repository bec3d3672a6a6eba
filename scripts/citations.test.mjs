/** Citations of comments and documents exist: files, headings, decisions. Mechanisms are cited by name, not by number. */
import { describe, expect, it } from 'vitest';
import { Citations } from './citations.mjs';
import { root } from './tools.mjs';

const citations = new Citations(root);
const checked = citations.citing
  // The examples in this file do not resolve.
  .filter((path) => path !== 'scripts/citations.test.mjs');

describe('citations', () => {
  it('in Markdown documents resolve to existing files, headings and decisions', () => {
    const documents = checked.filter((path) => path.endsWith('.md'));
    expect(documents).toContain('docs/protocol.md');
    expect(documents.flatMap((path) => citations.broken(path))).toEqual([]);
  });

  it('in comments of code resolve to existing files, headings and decisions', () => {
    const sources = checked.filter((path) => !path.endsWith('.md'));
    expect(sources).toContain('packages/ot/src/operation.ts');
    expect(sources.flatMap((path) => citations.broken(path))).toEqual([]);
  });

  it('that do not resolve are reported with their lines', () => {
    const text = [
      '/** As docs/protocol.md#sides and operation.ts say, which exist. */',
      '// docs/protocol.md#no-such-heading',
      '// no-such-file.ts, and protocol.md rule 4',
      'const notCited = "no-such-file.ts";',
      '// decision 999',
    ].join('\n');
    expect(citations.broken('packages/ot/src/example.ts', text)).toEqual([
      'packages/ot/src/example.ts:2: docs/protocol.md#no-such-heading',
      'packages/ot/src/example.ts:3: no-such-file.ts',
      'packages/ot/src/example.ts:3: rule 4',
      'packages/ot/src/example.ts:5: decision 999',
    ]);
    expect(citations.broken('docs/example.md', '[gone](gone.md), [here](#here)\n')).toEqual([
      'docs/example.md:1: gone.md',
      'docs/example.md:1: ](gone.md)',
      'docs/example.md:1: ](#here)',
    ]);
  });
});
