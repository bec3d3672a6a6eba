import { composeAll, DocumentText, insertAt, removeAt, type TextOperation } from '@concord/ot';
import { describe, expect, it } from 'vitest';
import { BranchesError, cutBranches, scatterBranches } from './branches.ts';

/** Types at the end, and deletes every fifth character at once. */
function recording(edits: number): { operations: TextOperation[]; endText: string } {
  const operations: TextOperation[] = [];
  let text = DocumentText.empty;
  for (let index = 0; index < edits; index++) {
    const length = text.lengthCodePoints;
    const operation =
      index % 5 === 4
        ? removeAt(length - 1, 1)
        : insertAt(length, String.fromCharCode(97 + (index % 26)));
    operations.push(operation);
    text = text.apply(operation);
  }
  return { operations, endText: text.toString() };
}

describe('cutBranches', () => {
  it('cuts two branches with the same number of edits, which apply to the base in order', () => {
    const { baseText, offline, online } = cutBranches(recording(500), 100);
    expect([offline.length, online.length]).toEqual([100, 100]);
    const play = (operations: readonly TextOperation[]): number =>
      operations.reduce((text, each) => text.apply(each), DocumentText.from(baseText))
        .lengthCodePoints;
    expect(play(offline)).toBe(baseText.length + 60);
    expect(play(online)).toBeGreaterThan(baseText.length);
  });

  it('computes the length of the merged text', () => {
    const { baseText, offline, online, mergedLength } = cutBranches(recording(500), 100);
    const grown = (operations: readonly TextOperation[]): number =>
      operations.flat().reduce<number>((sum, component) => {
        if (typeof component === 'string') return sum + component.length;
        return typeof component === 'object' ? sum - component.d : sum;
      }, 0);
    // The sides of this recording delete no character both.
    expect(mergedLength).toBe(baseText.length + grown(offline) + grown(online));
  });

  it('refuses a recording that is too short', () => {
    expect(() => cutBranches(recording(500), 250)).toThrow(BranchesError);
  });

  it('refuses characters outside the basic plane, which the systems count differently', () => {
    const operations = Array.from({ length: 500 }, () => insertAt(0, '😀'));
    expect(() => cutBranches({ operations, endText: '😀'.repeat(500) }, 10)).toThrow(BranchesError);
  });
});

describe('scatterBranches', () => {
  it('makes edits that hardly compose, deterministically', () => {
    const trace = recording(2_000);
    const branches = scatterBranches(trace, 100);
    expect(scatterBranches(trace, 100)).toEqual(branches);
    expect(branches.mergedLength).toBe(trace.endText.length + 200);
    expect(composeAll(branches.offline).length).toBeGreaterThan(150);
  });
});
