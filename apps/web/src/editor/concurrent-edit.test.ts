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

/** Types at the own caret. */
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

describe('a concurrent edit is reported', () => {
  it('when another person edits the paragraph that is being written', () => {
    type('x');
    remote('ann', 5, 'The ');
    expect(told()).toBe('ann');
  });

  it('when another person only deletes text there', () => {
    type('x');
    remote('ann', 8, '', 9);
    expect(told()).toBe('ann');
  });

  it('once per person, and again for the same person after half a minute', () => {
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

  it('when the paragraph has moved meanwhile', () => {
    type('x');
    remote('bob', 0, 'Zero.\nMore.\n');
    expect(told()).toBe(undefined);
    remote('ann', 17, 'y');
    expect(told()).toBe('ann');
    expect(state.doc.lineAt(state.field(concurrentEdits).latest?.position ?? 0).number).toBe(4);
  });

  it('again for the same person in another paragraph', () => {
    type('x');
    remote('ann', 5, 'a');
    const first = state.field(concurrentEdits).latest;
    state = state.update({ selection: { anchor: 1 } }).state;
    type('y');
    remote('ann', 0, 'a');
    expect(state.field(concurrentEdits).latest).not.toBe(first);
  });
});

describe('a concurrent edit is not reported', () => {
  it('when others write in other paragraphs, or insert whole paragraphs', () => {
    type('x');
    remote('ann', 0, 'a');
    remote('ann', state.doc.length, '!');
    remote('ann', state.doc.line(2).from, 'new\n');
    remote('ann', state.doc.lineAt(state.selection.main.head).to, '\nnew');
    expect(told()).toBe(undefined);
  });

  it('when the last own edit is missing, older than five seconds, or in another paragraph', () => {
    remote('ann', 5, 'a');
    type('x');
    nowMs += 5_001;
    remote('ann', 5, 'a');
    type('y');
    state = state.update({ selection: { anchor: 0 } }).state;
    remote('ann', 0, 'a');
    expect(told()).toBe(undefined);
  });

  it('for a correction of the client, which has no author', () => {
    type('x');
    remote(null, 5, 'a');
    expect(told()).toBe(undefined);
  });
});
