import { EditorState } from '@codemirror/state';
import { DocumentText } from '@concord/ot';
import type { Person } from '@concord/protocol';
import { expect, test } from 'vitest';
import { authorOfChange, caretsInEditor, placeCarets, remoteCarets } from './remote-carets.ts';

function person(session: number, userId = `user ${session}`): Person {
  const clientId = 'a'.repeat(26) as Person['clientId'];
  return { session, clientId, userId, name: userId, color: session };
}

function stateWith(...carets: readonly (readonly [Person, number, number])[]): EditorState {
  const state = EditorState.create({ doc: 'one two three', extensions: [remoteCarets] });
  const placed = carets.map(([who, anchor, head]) => ({ person: who, anchor, head }));
  return state.update({ effects: placeCarets.of(placed) }).state;
}

const heads = (state: EditorState): readonly number[] =>
  state.field(remoteCarets).map((caret) => caret.head);
const moves = (state: EditorState): readonly number[] =>
  state.field(remoteCarets).map((caret) => caret.moves);

test('remote carets are mapped through local and remote changes, which does not count as a move', () => {
  const before = stateWith([person(1), 4, 7], [person(2), 2, 2]);
  const after = before.update({ changes: { from: 3, insert: 'XX' } }).state;
  expect(after.field(remoteCarets)).toMatchObject([
    { anchor: 6, head: 9 },
    { anchor: 2, head: 2 },
  ]);
  expect(moves(after)).toEqual(moves(before));
});

test('text that another person inserts at a remote caret goes after it', () => {
  const state = stateWith([person(1), 4, 4]);
  expect(heads(state.update({ changes: { from: 4, insert: 'XX' } }).state)).toEqual([4]);
});

test('the caret of a change’s author moves behind the inserted text at once', () => {
  const state = stateWith([person(1), 4, 4], [person(2), 4, 4]);
  const after = state.update({
    changes: { from: 4, insert: 'XX' },
    annotations: authorOfChange.of('user 1'),
  }).state;
  expect(heads(after)).toEqual([6, 4]);
  expect(moves(after)).toEqual([2, 1]);
});

test('for a person with two tabs, only the caret that the change touches moves', () => {
  const state = stateWith([person(1, 'ada'), 4, 4], [person(2, 'ada'), 10, 10]);
  const after = state.update({
    changes: { from: 4, insert: 'XX' },
    annotations: authorOfChange.of('ada'),
  }).state;
  expect(heads(after)).toEqual([6, 12]);
});

test('carets beyond the end are clamped to the end', () => {
  expect(heads(stateWith([person(1), 99, 99]))).toEqual([13]);
});

test('code-point positions of carets are converted to UTF-16 units', () => {
  const carets = caretsInEditor(
    [{ person: person(1), anchor: 1, head: 3 }],
    DocumentText.from('😀a😀b'),
  );
  expect(carets).toMatchObject([{ anchor: 2, head: 5 }]);
});
