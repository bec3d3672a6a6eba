import type { KeptUndo } from '@concord/client/browser';
import { history, redo, undo, undoDepth } from '@codemirror/commands';
import { Transaction, type EditorState, type StateCommand } from '@codemirror/state';
import { DocumentText } from '@concord/ot';
import { expect, it } from 'vitest';
import { documentLines } from './binding.ts';
import { createStateWithUndo, undoToKeep } from './kept-undo.ts';

const extensions = [documentLines, history({ newGroupDelay: 0 })];
const checksumOf = (text: string): number => DocumentText.from(text).checksum;

function begin(doc: string, kept: KeptUndo | null = null): EditorState {
  return createStateWithUndo({ doc, extensions }, kept, checksumOf(doc));
}

function type(state: EditorState, from: number, insert: string, to = from): EditorState {
  return state.update({
    changes: { from, to, insert },
    selection: { anchor: from + insert.length },
    userEvent: 'input.type',
  }).state;
}

function run(state: EditorState, command: StateCommand): EditorState {
  let next = state;
  command({ state, dispatch: (transaction) => (next = transaction.state) });
  return next;
}

/** As the device keeps it: a copy of plain data. */
function kept(state: EditorState): KeptUndo | null {
  return structuredClone(undoToKeep(state, checksumOf(state.doc.toString())));
}

it('an editor that begins anew takes back what was typed before, and does it again', () => {
  const before = type(type(begin('a\r\nb 😀'), 1, 'X'), 5, 'Y');
  let after = begin(before.doc.toString(), kept(before));
  expect(after.doc.eq(before.doc)).toBe(true);
  expect(after.selection.main.head).toBe(0);
  after = run(run(after, undo), undo);
  expect(after.doc.toString()).toBe('a\r\nb 😀');
  after = run(run(after, redo), redo);
  expect(after.doc.toString()).toBe(before.doc.toString());
});

it('what was taken back before can be done again after', () => {
  const before = run(type(begin('a'), 1, 'b'), undo);
  const after = begin('a', kept(before));
  expect(run(after, redo).doc.toString()).toBe('ab');
});

it('others’ changes stay, before as well as after the new beginning', () => {
  const remote = (state: EditorState, from: number, insert: string): EditorState =>
    state.update({
      changes: { from, insert },
      annotations: [Transaction.addToHistory.of(false), Transaction.remote.of(true)],
    }).state;
  const before = remote(type(type(begin('one'), 3, ' two'), 7, ' three'), 0, 'Ann: ');
  const after = remote(begin(before.doc.toString(), kept(before)), 0, 'Bob, ');
  expect(after.doc.toString()).toBe('Bob, Ann: one two three');
  expect(run(run(after, undo), undo).doc.toString()).toBe('Bob, Ann: one');
});

it('a history of another text is not used', () => {
  const history = kept(type(begin('a'), 1, 'b'));
  expect(undoDepth(begin('ab', history))).toBe(1);
  expect(undoDepth(begin('ac', history))).toBe(0);
});

it('a history that cannot be read leaves the text without one', () => {
  for (const history of [null, 7, { done: 'x' }, { done: [{}], undone: [] }]) {
    const state = begin('ab', { checksum: checksumOf('ab'), history });
    expect(state.doc.toString()).toBe('ab');
    expect(undoDepth(state)).toBe(0);
  }
});

it('nothing is kept of an editor in which nothing was typed', () => {
  expect(kept(begin('a').update({ selection: { anchor: 1 } }).state)).toBe(null);
});

it('of long or large histories the newest steps are kept', () => {
  let state = begin('');
  const piece = 'x'.repeat(120_000);
  // What was removed is what a history holds.
  for (let count = 0; count < 10; count++) state = type(type(state, 0, piece), 0, '', 120_000);
  state = type(state, 0, 'end');
  const undoable = kept(state);
  expect(JSON.stringify(undoable).length).toBeLessThan(520_000);
  let after = begin('end', undoable);
  expect(undoDepth(after)).toBeGreaterThan(4);
  after = run(run(after, undo), undo);
  expect(after.doc.toString()).toBe(piece);
});
