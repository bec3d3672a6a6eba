import { EditorState, Transaction } from '@codemirror/state';
import { beforeEach, describe, expect, it } from 'vitest';
import { concurrentEdits } from './concurrent-edit.ts';
import { authorOfChange } from './remote-carets.ts';

let state: EditorState;
let nowMs: number;

beforeEach(() => {
  nowMs = 1_000_000;
  state = EditorState.create({
    doc: 'One.\nTwo.\nThree.',
    selection: { anchor: 7 },
    extensions: concurrentEdits,
  });
});

/** One types at the own caret. */
function type(text: string): void {
  const { head } = state.selection.main;
  state = state.update({
    changes: { from: head, insert: text },
    selection: { anchor: head + text.length },
    annotations: Transaction.time.of(nowMs),
  }).state;
}

function remote(author: string | null, from: number, insert: string, to = from): void {
  state = state.update({
    changes: { from, to, insert },
    annotations: [
      Transaction.remote.of(true),
      Transaction.time.of(nowMs),
      ...(author === null ? [] : [authorOfChange.of(author)]),
    ],
  }).state;
}

const told = (): string | undefined => state.field(concurrentEdits).latest?.author;

describe('one is told', () => {
  it('when somebody edits the paragraph in which one is writing', () => {
    type('x');
    remote('ann', 5, 'The ');
    expect(told()).toBe('ann');
  });

  it('also when something is only removed there', () => {
    type('x');
    remote('ann', 8, '', 9);
    expect(told()).toBe('ann');
  });

  it('of each person, and again of the same one after half a minute', () => {
    type('x');
    remote('ann', 5, 'a');
    const first = state.field(concurrentEdits).latest;
    nowMs += 4_000;
    type('y');
    remote('ann', 5, 'a');
    expect(state.field(concurrentEdits).latest).toBe(first);
    remote('bob', 5, 'b');
    expect(told()).toBe('bob');
    nowMs += 27_000;
    type('z');
    remote('ann', 5, 'a');
    expect(told()).toBe('ann');
    expect(state.field(concurrentEdits).latest).not.toBe(first);
  });

  it('wherever the paragraph has moved', () => {
    type('x');
    remote('bob', 0, 'Zero.\nMore.\n');
    expect(told()).toBe(undefined);
    remote('ann', 17, 'y');
    expect(told()).toBe('ann');
    expect(state.doc.lineAt(state.field(concurrentEdits).latest?.position ?? 0).number).toBe(4);
  });

  it('of the same person in another paragraph', () => {
    type('x');
    remote('ann', 5, 'a');
    const first = state.field(concurrentEdits).latest;
    state = state.update({ selection: { anchor: 1 } }).state;
    type('y');
    remote('ann', 0, 'a');
    expect(state.field(concurrentEdits).latest).not.toBe(first);
  });
});

describe('one is not told', () => {
  it('of what others write in other paragraphs, or as paragraphs of their own', () => {
    type('x');
    remote('ann', 0, 'a');
    remote('ann', state.doc.length, '!');
    remote('ann', state.doc.line(2).from, 'new\n');
    remote('ann', state.doc.lineAt(state.selection.main.head).to, '\nnew');
    expect(told()).toBe(undefined);
  });

  it('when one reads, or wrote more than five seconds ago, or elsewhere', () => {
    remote('ann', 5, 'a');
    type('x');
    nowMs += 5_001;
    remote('ann', 5, 'a');
    type('y');
    state = state.update({ selection: { anchor: 0 } }).state;
    remote('ann', 0, 'a');
    expect(told()).toBe(undefined);
  });

  it('of corrections, which nobody made', () => {
    type('x');
    remote(null, 5, 'a');
    expect(told()).toBe(undefined);
  });
});
