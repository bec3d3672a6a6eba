import { DocumentText, isWellFormed } from '@concord/ot';
import { EditorState, type Extension, type Text } from '@codemirror/state';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { TestEditor, TestServer } from './test-editors.ts';
import { wellFormedInput } from './well-formed-input.ts';

function pair(
  text = '',
  extension: Extension = [],
): { server: TestServer; ada: TestEditor; bo: TestEditor } {
  const server = new TestServer();
  return {
    server,
    ada: new TestEditor(server, 'ada', text, extension),
    bo: new TestEditor(server, 'bo', text, extension),
  };
}

function settle(...editors: readonly TestEditor[]): void {
  for (const { client } of editors) client.commit();
  for (const { client } of editors) while (client.receiveNext());
}

/** Pieces whose UTF-16 and code-point lengths differ, lone surrogates, both line breaks, and combining marks. */
const piece = fc.constantFrom(
  'a',
  'bc ',
  '\n',
  '\r',
  '\r\n',
  '😀',
  '\ud83d',
  '\ude00',
  'e\u0301',
  '漢',
);
const insertion = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join(''));

const action = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('edit' as const),
      who: fc.nat(1),
      // Positions as fractions of the text, so that they are valid for any length.
      ranges: fc.array(fc.tuple(fc.nat(1_000), fc.nat(200), insertion), {
        minLength: 1,
        maxLength: 3,
      }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('undo', 'redo'), who: fc.nat(1) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('receive', 'commit'), who: fc.nat(1) }),
  },
);

/** Non-overlapping changes, as an editor with several cursors makes them. */
function changesOf(
  ranges: readonly (readonly [number, number, string])[],
  length: number,
): { from: number; to: number; insert: string }[] {
  let end = 0;
  return [...ranges]
    .sort(([a], [b]) => a - b)
    .map(([at, size, insert]) => {
      const from = Math.max(end, Math.floor((at / 1_000) * length));
      const to = Math.min(length, from + Math.floor((size / 1_000) * length));
      end = to;
      return { from, to, insert };
    });
}

test.each([
  ['as in the page', wellFormedInput],
  ['repaired afterwards', []],
])(
  'each editor shows the text of its client, and both converge, for any edits of two people: %s',
  (_how, input) => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const { ada, bo } = pair('one 😀\r\ntwo', input);
        for (const each of actions) {
          const editor = each.who === 0 ? ada : bo;
          if (each.kind === 'edit' && 'ranges' in each) {
            const { length } = editor.state.doc;
            editor.dispatch({ changes: changesOf(each.ranges, length) });
          } else if (each.kind === 'undo') editor.undo();
          else if (each.kind === 'redo') editor.redo();
          else if (each.kind === 'receive') editor.client.receiveNext();
          else editor.client.commit();
          expect(editor.text).toBe(editor.client.documentText.toString());
        }
        settle(ada, bo);
        for (const editor of [ada, bo]) {
          expect(editor.text).toBe(editor.client.documentText.toString());
          expect(isWellFormed(editor.text)).toBe(true);
        }
        expect(ada.text).toBe(bo.text);
      }),
      { numRuns: 400 },
    );
  },
);

test('undo reverts own edits only, also where remote edits have moved them', () => {
  const { ada, bo } = pair('middle');
  ada.dispatch({ changes: { from: 6, insert: ' ada' } });
  settle(ada, bo);
  bo.dispatch({ changes: { from: 0, insert: 'bo ' } });
  bo.dispatch({ changes: { from: bo.text.length, insert: '!' } });
  settle(ada, bo);
  expect(ada.text).toBe('bo middle ada!');
  ada.undo();
  settle(ada, bo);
  expect(bo.text).toBe('bo middle!');
  ada.undo();
  expect(ada.text).toBe('bo middle!');
  ada.redo();
  settle(ada, bo);
  expect(bo.text).toBe('bo middle ada!');
});

test('a lone surrogate is replaced in the editor by U+FFFD, as in the operation', () => {
  const { ada, bo } = pair('x😀y');
  ada.dispatch({ changes: { from: 2, to: 3, insert: '' } });
  expect(ada.text).toBe('x\ufffdy');
  ada.dispatch({ changes: { from: 3, insert: '\ud83d' } });
  expect(ada.text).toBe('x\ufffdy\ufffd');
  settle(ada, bo);
  expect(bo.text).toBe(ada.text);
});

test.each([
  ['pasted', 'xy', { from: 1, insert: '\ud83d' }, 'x\ufffdy'],
  ['pasted among others', 'xy', { from: 1, insert: 'a\ude00😀\ud83db' }, 'xa\ufffd😀\ufffdby'],
  ['left behind by a deletion', 'x😀y', { from: 1, to: 2 }, 'x\ufffdy'],
  ['left behind by an insertion', 'x😀y', { from: 2, insert: '!' }, 'x\ufffd!\ufffdy'],
])('a lone surrogate that is %s is reverted by undo', (_how, text, changes, edited) => {
  const { ada, bo } = pair(text, wellFormedInput);
  ada.dispatch({ changes, userEvent: 'input.paste' });
  expect(ada.text).toBe(edited);
  bo.dispatch({ changes: { from: bo.text.length, insert: ' more' } });
  settle(ada, bo);
  ada.undo();
  settle(ada, bo);
  expect([ada.text, bo.text]).toEqual([`${text} more`, `${text} more`]);
  ada.redo();
  expect(ada.text).toBe(`${edited} more`);
});

test('two lone surrogates that arrive one after the other in one update are not joined, as in the operations', () => {
  const { ada } = pair('');
  const first = ada.state.update({ changes: { from: 0, insert: '\ud83d' } });
  const second = first.state.update({ changes: { from: 1, insert: '\ude00' } });
  ada.state = second.state;
  ada.binding.transactionsApplied([first, second]);
  expect(ada.text).toBe('\ufffd\ufffd');
});

test('carriage returns count as characters, so that positions after them are equal', () => {
  const { ada, bo } = pair('one\r\ntwo\rthree');
  expect(ada.state.doc.lines).toBe(2);
  bo.dispatch({ changes: { from: 9, insert: '\r\nfour ' } });
  settle(bo, ada);
  expect(ada.text).toBe('one\r\ntwo\r\r\nfour three');
  ada.dispatch({ changes: { from: ada.text.indexOf('three'), insert: '>' } });
  settle(ada, bo);
  expect(bo.text).toBe('one\r\ntwo\r\r\nfour >three');
});

test('a read-only editor still shows what others write', () => {
  const server = new TestServer();
  const reader = new TestEditor(server, 'ada', 'text', EditorState.readOnly.of(true));
  const writer = new TestEditor(server, 'bo', 'text');
  writer.dispatch({ changes: { from: 4, insert: ' more' } });
  settle(writer, reader);
  expect(reader.text).toBe('text more');
});

test('the own caret is sent in code points, and cleared without focus', () => {
  const { ada } = pair('😀😀 text');
  ada.dispatch({ selection: { anchor: 2, head: 5 } });
  ada.binding.selectionChanged(true);
  expect(ada.client.selection).toEqual({ anchor: 1, head: 3 });
  ada.binding.selectionChanged(false);
  expect(ada.client.selection).toBeNull();
});

test('a keystroke in a text of a million characters does not read the whole text', () => {
  const { ada } = pair('lorem ipsum 😀 dolor\n'.repeat(50_000));
  const reads = [
    vi.spyOn(DocumentText.prototype, 'toString'),
    vi.spyOn(Object.getPrototypeOf(Object.getPrototypeOf(ada.state.doc)) as Text, 'toString'),
  ];
  for (let i = 0; i < 20; i++) ada.dispatch({ changes: { from: 500_000 + i, insert: 'x' } });
  // The inserted text itself is a `Text`, too, and is read.
  const longest = Math.max(
    0,
    ...reads.flatMap(({ mock }) => mock.results.map(({ value }) => String(value).length)),
  );
  for (const read of reads) read.mockRestore();
  expect(longest).toBeLessThan(100);
});
