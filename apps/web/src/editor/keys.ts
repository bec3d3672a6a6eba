/** Key bindings of the editor, which the key sheet lists, too. */
import {
  defaultKeymap,
  history,
  historyKeymap,
  moveLineDown,
  moveLineUp,
  redo,
} from '@codemirror/commands';
import { searchKeymap } from '@codemirror/search';
import { Prec, type Extension } from '@codemirror/state';
import { keymap, type KeyBinding } from '@codemirror/view';
import { setHeading, toggleList } from './block-format.ts';
import { insertLink, toggleInlineFormat } from './inline-format.ts';
import { indentListOrTab, outdentList } from './list-indent.ts';

const headingLevels = [1, 2, 3, 4, 5, 6] as const;

const formatKeys: readonly KeyBinding[] = [
  { key: 'Mod-b', run: toggleInlineFormat('bold') },
  { key: 'Mod-i', run: toggleInlineFormat('italic') },
  { key: 'Mod-k', run: insertLink },
  { key: 'Mod-e', run: toggleInlineFormat('code') },
  { key: 'Mod-Shift-x', run: toggleInlineFormat('strikethrough') },
  ...headingLevels.map((level) => ({ key: `Mod-Alt-${level}`, run: setHeading(level) })),
  { key: 'Mod-Alt-0', run: setHeading(0) },
  { key: 'Mod-Shift-7', run: toggleList('ordered') },
  { key: 'Mod-Shift-8', run: toggleList('bullet') },
  { key: 'Mod-Shift-9', run: toggleList('task') },
  { key: 'Alt-ArrowUp', run: moveLineUp },
  { key: 'Alt-ArrowDown', run: moveLineDown },
  { key: 'Mod-Shift-z', run: redo, preventDefault: true },
  { key: 'Ctrl-y', run: redo, preventDefault: true },
  // After Esc, Tab moves the focus: CodeMirror's own rule against keyboard traps.
  { key: 'Tab', run: indentListOrTab, shift: outdentList },
];

/** Shortcuts for the page rather than the text. */
export interface PageKeys {
  readonly onSave: () => void;
  readonly onKeySheet: () => void;
}

export function editorKeys({ onSave, onKeySheet }: PageKeys): Extension {
  const pageKeys: readonly KeyBinding[] = [
    { key: 'Mod-s', run: () => (onSave(), true), preventDefault: true },
    { key: 'Mod-/', run: () => (onKeySheet(), true), preventDefault: true },
  ];
  return [
    history(),
    Prec.high(keymap.of([...pageKeys, ...formatKeys])),
    keymap.of([...searchKeymap, ...historyKeymap, ...defaultKeymap]),
  ];
}
