import { diffTexts, DocumentText, mergedText, type TextOperation } from '@concord/ot';
import type { Merge } from '@concord/client';
import { Transaction, type TransactionSpec } from '@codemirror/state';
import { describe, expect, it } from 'vitest';
import { TestEditor, TestServer } from '../editor/test-editors.ts';
import {
  mergeReview,
  placePassages,
  trackedMerge,
  trackMerge,
  type TrackedPassage,
} from './merge-review.ts';
import { addVersion, keepAsItIs, keepVersion, passageState } from './review-choices.ts';

/** An editor after a merge of two edited versions of `base`. */
class Reviewer {
  readonly editor: TestEditor;
  readonly merge: Merge;

  constructor(
    base: string,
    mine: string | TextOperation,
    theirs: string | TextOperation,
    editedMeanwhile?: string,
  ) {
    const operation = (version: string | TextOperation): TextOperation =>
      typeof version === 'string' ? diffTexts(base, version) : version;
    this.merge = {
      base: DocumentText.from(base),
      mine: operation(mine),
      theirs: operation(theirs),
      edits: 1,
    };
    const merged = mergedText(this.merge).toString();
    this.editor = new TestEditor(new TestServer(), 'me', editedMeanwhile ?? merged, mergeReview);
    this.editor.dispatch({ effects: trackMerge.of(this.merge) });
  }

  look(): this {
    this.do(placePassages(this.editor.state));
    return this;
  }

  do(spec: TransactionSpec | null): void {
    if (spec === null) throw new Error('There is nothing to do');
    this.editor.dispatch(spec);
  }

  get text(): string {
    return this.editor.text;
  }

  get passages(): readonly TrackedPassage[] {
    return this.editor.state.field(trackedMerge)?.review?.overlapping ?? [];
  }

  /** The current text of each passage. */
  get present(): readonly string[] {
    return this.passages.map(({ from, to }) => this.editor.state.sliceDoc(from, to));
  }

  get states(): readonly string[] {
    return this.passages.map((passage) => {
      const state = passageState(passage, this.editor.state.doc);
      return state.kind === 'decided' ? state.choice : state.kind;
    });
  }

  /** Applies an edit of another person. */
  remote(from: number, insert: string, to = from): void {
    this.editor.dispatch({
      changes: { from, to, insert },
      annotations: [Transaction.remote.of(true), Transaction.addToHistory.of(false)],
    });
  }
}

const base = 'Title\nThe fox runs.\nBetween.\nA dog sleeps.\nEnd';
const mine = 'Title!\nThe quick fox runs.\nBetween.\nA dog sleeps well.\nEnd';
const theirs = 'Title\nThe fox runs away.\nBetween.\nThe dog sleeps.\nEnd.';

describe('a choice is an ordinary edit:', () => {
  it('mine keeps the others’ edits elsewhere, and is reverted by undo', () => {
    const reviewer = new Reviewer(base, mine, theirs).look();
    const merged = reviewer.text;
    expect(reviewer.present).toEqual(['The quick fox runs away.\n', 'The dog sleeps well.\n']);
    expect(reviewer.states).toEqual(['undecided', 'undecided']);

    reviewer.do(keepVersion(reviewer.editor.state, 0, 'mine'));
    expect(reviewer.text).toBe(merged.replace('runs away', 'runs'));
    expect(reviewer.states).toEqual(['mine', 'undecided']);
    expect(reviewer.editor.client.documentText.toString()).toBe(reviewer.text);

    reviewer.do(keepVersion(reviewer.editor.state, 1, 'theirs'));
    expect(reviewer.text).toBe('Title!\nThe quick fox runs.\nBetween.\nThe dog sleeps.\nEnd.');
    expect(reviewer.states).toEqual(['mine', 'theirs']);

    reviewer.editor.undo();
    expect(reviewer.states).toEqual(['mine', 'undecided']);
    reviewer.editor.undo();
    expect(reviewer.text).toBe(merged);
    expect(reviewer.states).toEqual(['undecided', 'undecided']);
    reviewer.editor.redo();
    expect(reviewer.states).toEqual(['mine', 'undecided']);
  });

  it('a choice can be replaced by another', () => {
    const reviewer = new Reviewer(base, mine, theirs).look();
    const merged = reviewer.text;
    reviewer.do(keepVersion(reviewer.editor.state, 0, 'mine'));
    reviewer.do(keepVersion(reviewer.editor.state, 0, 'theirs'));
    expect(reviewer.present[0]).toBe('The fox runs away.\n');
    reviewer.do(keepVersion(reviewer.editor.state, 0, 'both'));
    expect(reviewer.text).toBe(merged);
    expect(reviewer.states).toEqual(['both', 'undecided']);
    reviewer.editor.undo();
    expect(reviewer.states).toEqual(['theirs', 'undecided']);
  });

  it('both changes no text, and is reverted by undo', () => {
    const reviewer = new Reviewer(base, mine, theirs).look();
    reviewer.do(keepVersion(reviewer.editor.state, 1, 'both'));
    expect(reviewer.states).toEqual(['undecided', 'both']);
    expect(reviewer.editor.client.selection).toBe(null);
    reviewer.editor.undo();
    expect(reviewer.states).toEqual(['undecided', 'undecided']);
  });

  it('a paragraph that one side removed is removed or restored completely', () => {
    const reviewer = new Reviewer('a\nold\nz', 'a\nz', 'a\nold and new\nz').look();
    reviewer.do(keepVersion(reviewer.editor.state, 0, 'theirs'));
    expect(reviewer.text).toBe('a\nold and new\nz');
    reviewer.do(keepVersion(reviewer.editor.state, 0, 'mine'));
    expect(reviewer.text).toBe('a\nz');
    expect(reviewer.present).toEqual(['']);
    reviewer.editor.undo();
    expect(reviewer.present).toEqual(['old and new\n']);
    expect(reviewer.states).toEqual(['theirs']);
  });
});

describe('adjacent passages stay separate:', () => {
  // Each text ends differently, so that insertions are exactly at the boundary.
  const touching = (): Reviewer =>
    new Reviewer('a\nb\n', [1, '1', 2, '1'], [1, '2\nmore', 2, '2\nmore']).look();

  it('for any choices, in either order', () => {
    for (const [first, second] of [
      [0, 1],
      [1, 0],
    ] as const) {
      const reviewer = touching();
      const before = reviewer.present;
      expect(before).toHaveLength(2);
      reviewer.do(keepVersion(reviewer.editor.state, first, 'theirs'));
      reviewer.do(keepVersion(reviewer.editor.state, second, 'theirs'));
      reviewer.do(keepVersion(reviewer.editor.state, first, 'mine'));
      reviewer.do(keepVersion(reviewer.editor.state, second, 'mine'));
      expect(reviewer.text).toBe('a1\nb1\n');
      expect(reviewer.states).toEqual(['mine', 'mine']);
      for (let times = 0; times < 4; times++) reviewer.editor.undo();
      expect(reviewer.present).toEqual(before);
      expect(reviewer.states).toEqual(['undecided', 'undecided']);
    }
  });
});

describe('a passage that is edited after the merge', () => {
  it('is shown with its current text, and is not overwritten', () => {
    const reviewer = new Reviewer(base, mine, theirs).look();
    reviewer.remote(reviewer.text.indexOf('fox'), 'red ');
    const { editor } = reviewer;
    expect(reviewer.states).toEqual(['changed', 'undecided']);
    expect(reviewer.present[0]).toBe('The quick red fox runs away.\n');
    expect(keepVersion(editor.state, 0, 'mine')).toBe(null);

    reviewer.do(addVersion(editor.state, 0, 'mine'));
    expect(reviewer.text).toContain('The quick red fox runs away.\nThe quick fox runs.\nBetween.');
    expect(reviewer.states).toEqual(['asItIs', 'undecided']);
    editor.undo();
    expect(reviewer.states).toEqual(['changed', 'undecided']);
    reviewer.do(keepAsItIs(editor.state, 0));
    expect(reviewer.states).toEqual(['asItIs', 'undecided']);
  });

  it('is undecided again when the edit is undone', () => {
    const reviewer = new Reviewer(base, mine, theirs).look();
    const at = reviewer.text.indexOf('fox');
    reviewer.remote(at, 'red ');
    reviewer.remote(at, '', at + 4);
    expect(reviewer.states).toEqual(['undecided', 'undecided']);
  });

  it('loses its choice when it is edited afterwards', () => {
    const reviewer = new Reviewer(base, mine, theirs).look();
    reviewer.do(keepVersion(reviewer.editor.state, 0, 'mine'));
    reviewer.remote(reviewer.text.indexOf('fox'), 'red ');
    expect(reviewer.states[0]).toBe('changed');
    // Undo reverts the choice only: text typed since stays.
    reviewer.editor.undo();
    expect(reviewer.present[0]).toBe('The quick red fox runs away.\n');
    expect(reviewer.states[0]).toBe('changed');
  });

  it('at the end of a text gets an added version on a line of its own', () => {
    const reviewer = new Reviewer('end', 'the end', 'end of it').look();
    reviewer.remote(reviewer.text.length, '!');
    expect(reviewer.present).toEqual(['the end of it!']);
    reviewer.do(addVersion(reviewer.editor.state, 0, 'theirs'));
    expect(reviewer.text).toBe('the end of it!\nend of it');
  });
});

describe('passages are found', () => {
  it('also when the text has changed before the review is opened', () => {
    const reviewer = new Reviewer(base, mine, theirs);
    reviewer.remote(0, '# ');
    reviewer.remote(reviewer.text.indexOf('Between'), 'New line 😀\n');
    reviewer.look();
    expect(reviewer.present).toEqual(['The quick fox runs away.\n', 'The dog sleeps well.\n']);
    expect(reviewer.states).toEqual(['undecided', 'undecided']);
  });

  it('when the text was edited during the merge', () => {
    const merged = 'Title!\nThe quick fox runs away.\nBetween.\nThe dog sleeps well.\nEnd.';
    const edited = merged.replace('Between.', 'Between 😀.').replace('dog', 'old dog');
    const reviewer = new Reviewer(base, mine, theirs, edited).look();
    expect(reviewer.present).toEqual(['The quick fox runs away.\n', 'The old dog sleeps well.\n']);
    expect(reviewer.states).toEqual(['undecided', 'changed']);
  });

  it('only where both sides made different changes', () => {
    const reviewer = new Reviewer(
      'a\nb\nc\n',
      ['A', { d: 1 }, 3, { d: 2 }],
      [2, 'B', { d: 1 }, 1, { d: 2 }],
    ).look();
    expect(reviewer.text).toBe('A\nB\n');
    expect(reviewer.passages).toEqual([]);
    expect(reviewer.editor.state.field(trackedMerge)?.review?.others).toMatchObject([
      { kind: 'mine', mineText: 'A\n' },
      { kind: 'theirs', theirsText: 'B\n' },
      { kind: 'both', baseText: 'c\n', mergedText: '' },
    ]);
  });
});

it('undo of a choice about an older merge does not touch the passages of a newer one', () => {
  const reviewer = new Reviewer('x\na\n', 'x\na mine\n', 'x\ntheirs a\n').look();
  reviewer.do(keepVersion(reviewer.editor.state, 0, 'mine'));
  expect(reviewer.text).toBe('x\na mine\n');
  const newer = new Reviewer('x\na mine\n', 'x 1\na mine\n', 'x 2\na mine\n');
  reviewer.remote(1, ' 2 1');
  reviewer.do({ effects: trackMerge.of(newer.merge) });
  reviewer.look();
  // The restored text is directly after the passage of the newer merge.
  reviewer.editor.undo();
  expect(reviewer.text).toBe('x 2 1\ntheirs a mine\n');
  expect(reviewer.present).toEqual(['x 2 1\n']);
  expect(reviewer.states).toEqual(['undecided']);
});

it('a merge is dropped once its review is done', () => {
  const reviewer = new Reviewer(base, mine, theirs).look();
  reviewer.do({ effects: trackMerge.of(null) });
  expect(reviewer.editor.state.field(trackedMerge)).toBe(null);
});
