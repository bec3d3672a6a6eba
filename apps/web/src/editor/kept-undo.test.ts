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

/** The history as stored: a structured clone. */
function kept(state: EditorState): KeptUndo | null {
  return structuredClone(undoToKeep(state, checksumOf(state.doc.toString())));
}

it('a new editor undoes and redoes the edits made before a reload', () => {
  const before = type(type(begin('a\r\nb 😀'), 1, 'X'), 5, 'Y');
  let after = begin(before.doc.toString(), kept(before));
  expect(after.doc.eq(before.doc)).toBe(true);
  expect(after.selection.main.head).toBe(0);
  after = run(run(after, undo), undo);
  expect(after.doc.toString()).toBe('a\r\nb 😀');
  after = run(run(after, redo), redo);
  expect(after.doc.toString()).toBe(before.doc.toString());
});

it('an edit undone before a reload can be redone after it', () => {
  const before = run(type(begin('a'), 1, 'b'), undo);
  const after = begin('a', kept(before));
  expect(run(after, redo).doc.toString()).toBe('ab');
});

it('remote changes from before and after a reload are not undone', () => {
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

it('a history whose checksum belongs to another text is not used', () => {
  const history = kept(type(begin('a'), 1, 'b'));
  expect(undoDepth(begin('ab', history))).toBe(1);
  expect(undoDepth(begin('ac', history))).toBe(0);
});

it('an unreadable history is dropped, and the text stays', () => {
  for (const history of [null, 7, { done: 'x' }, { done: [{}], undone: [] }]) {
    const state = begin('ab', { checksum: checksumOf('ab'), history });
    expect(state.doc.toString()).toBe('ab');
    expect(undoDepth(state)).toBe(0);
  }
});

it('no history is stored for an editor without edits', () => {
  expect(kept(begin('a').update({ selection: { anchor: 1 } }).state)).toBe(null);
});

it('long or large histories are truncated to the newest steps', () => {
  let state = begin('');
  const piece = 'x'.repeat(120_000);
  // A step stores the removed text.
  for (let count = 0; count < 10; count++) state = type(type(state, 0, piece), 0, '', 120_000);
  state = type(state, 0, 'end');
  const undoable = kept(state);
  expect(JSON.stringify(undoable).length).toBeLessThan(520_000);
  let after = begin('end', undoable);
  expect(undoDepth(after)).toBeGreaterThan(4);
  after = run(run(after, undo), undo);
  expect(after.doc.toString()).toBe(piece);
});
