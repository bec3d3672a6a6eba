/**
 * The formatting toolbar, which scrolls sideways: below the header, on phones above the keyboard. It is one tab stop;
 * arrow keys move within (WAI-ARIA toolbar pattern).
 */
import { redo, redoDepth, undo, undoDepth } from '@codemirror/commands';
import { openSearchPanel } from '@codemirror/search';
import type { EditorView } from '@codemirror/view';
import { memo, useState, type ComponentType, type KeyboardEvent } from 'react';
import { messages } from '../i18n/messages.ts';
import { IconButton } from '../ui/icon-button.tsx';
import * as icons from '../ui/icons.tsx';
import { keyText } from '../ui/key-names.ts';
import { activeFormats, type ActiveFormat } from './active-formats.ts';
import { setHeading, toggleCodeBlock, toggleList, toggleQuote } from './block-format.ts';
import { insertLink, toggleInlineFormat } from './inline-format.ts';
import './toolbar.css';

interface Tool {
  readonly label: string;
  readonly keys?: string;
  readonly Icon: ComponentType;
  readonly run: (view: EditorView) => boolean;
  /** The button is pressed while this format is active at the caret. */
  readonly format?: ActiveFormat;
  readonly isPossible?: (view: EditorView) => boolean;
  /** Enabled in a read-only document, too. */
  readonly worksReadOnly?: boolean;
}

const words = messages.toolbar;

const headingTool = (level: 1 | 2 | 3): Tool => ({
  label: words.heading(level),
  keys: `Mod-Alt-${level}`,
  Icon: () => <icons.HeadingIcon level={level} />,
  run: setHeading(level),
  format: `heading${level}`,
});

const groups: readonly (readonly Tool[])[] = [
  [
    {
      label: words.undo,
      keys: 'Mod-z',
      Icon: icons.UndoIcon,
      run: undo,
      isPossible: (view) => undoDepth(view.state) > 0,
    },
    {
      label: words.redo,
      keys: 'Mod-Shift-z',
      Icon: icons.RedoIcon,
      run: redo,
      isPossible: (view) => redoDepth(view.state) > 0,
    },
  ],
  [
    {
      label: words.bold,
      keys: 'Mod-b',
      Icon: icons.BoldIcon,
      run: toggleInlineFormat('bold'),
      format: 'bold',
    },
    {
      label: words.italic,
      keys: 'Mod-i',
      Icon: icons.ItalicIcon,
      run: toggleInlineFormat('italic'),
      format: 'italic',
    },
    {
      label: words.strikethrough,
      keys: 'Mod-Shift-x',
      Icon: icons.StrikethroughIcon,
      run: toggleInlineFormat('strikethrough'),
      format: 'strikethrough',
    },
    {
      label: words.code,
      keys: 'Mod-e',
      Icon: icons.CodeIcon,
      run: toggleInlineFormat('code'),
      format: 'code',
    },
    { label: words.link, keys: 'Mod-k', Icon: icons.LinkIcon, run: insertLink, format: 'link' },
  ],
  [headingTool(1), headingTool(2), headingTool(3)],
  [
    {
      label: words.bulletList,
      keys: 'Mod-Shift-8',
      Icon: icons.BulletListIcon,
      run: toggleList('bullet'),
      format: 'bullet',
    },
    {
      label: words.orderedList,
      keys: 'Mod-Shift-7',
      Icon: icons.OrderedListIcon,
      run: toggleList('ordered'),
      format: 'ordered',
    },
    {
      label: words.taskList,
      keys: 'Mod-Shift-9',
      Icon: icons.TaskListIcon,
      run: toggleList('task'),
      format: 'task',
    },
  ],
  [
    { label: words.quote, Icon: icons.QuoteIcon, run: toggleQuote, format: 'quote' },
    {
      label: words.codeBlock,
      Icon: icons.CodeBlockIcon,
      run: toggleCodeBlock,
      format: 'codeBlock',
    },
  ],
  [
    {
      label: words.find,
      keys: 'Mod-f',
      Icon: icons.FindIcon,
      run: openSearchPanel,
      worksReadOnly: true,
    },
  ],
];

export function Toolbar({ view }: { readonly view: EditorView }) {
  // The tool with `tabIndex` 0 (roving tabindex).
  const [current, setCurrent] = useState<string>(words.bold);
  const formats = activeFormats(view.state);
  const { readOnly } = view.state;

  const moveFocus = (event: KeyboardEvent<HTMLDivElement>): void => {
    const buttons = [...event.currentTarget.querySelectorAll<HTMLButtonElement>('button')];
    const index = buttons.findIndex((button) => button === document.activeElement);
    const target = {
      ArrowRight: buttons[(index + 1) % buttons.length],
      ArrowLeft: buttons.at(index - 1),
      Home: buttons[0],
      End: buttons.at(-1),
    }[event.key];
    if (target === undefined) return;
    event.preventDefault();
    target.focus();
  };

  return (
    <div className="toolbar" role="toolbar" aria-label={words.label} onKeyDown={moveFocus}>
      {groups.map((tools) => (
        <div key={tools[0]?.label} className="toolbar-group">
          {tools.map((tool) => {
            const { label, format, isPossible, worksReadOnly = false } = tool;
            return (
              <ToolButton
                key={label}
                tool={tool}
                view={view}
                isPressed={format === undefined ? undefined : formats.has(format)}
                isDisabled={(readOnly && !worksReadOnly) || isPossible?.(view) === false}
                isCurrent={label === current}
                onCurrent={setCurrent}
              />
            );
          })}
        </div>
      ))}
    </div>
  );
}

/** Memoized: the toolbar renders on every keystroke, a button only when its appearance changes. */
const ToolButton = memo(function ToolButton(props: {
  readonly tool: Tool;
  readonly view: EditorView;
  /** Undefined for a tool that is not a toggle. */
  readonly isPressed: boolean | undefined;
  readonly isDisabled: boolean;
  readonly isCurrent: boolean;
  readonly onCurrent: (label: string) => void;
}) {
  const { tool, view, isPressed, isDisabled, isCurrent, onCurrent } = props;
  const { label, keys, Icon, run } = tool;
  return (
    <IconButton
      label={label}
      hint={keys === undefined ? label : words.withKeys(label, keyText(keys))}
      className="tool"
      aria-pressed={isPressed}
      // `aria-disabled` instead of `disabled`: the button stays focusable, so that focus is not lost.
      aria-disabled={isDisabled}
      tabIndex={isCurrent ? 0 : -1}
      onFocus={() => onCurrent(label)}
      // Keeps the focus in the text, and with it the on-screen keyboard.
      onMouseDown={(event) => event.preventDefault()}
      onClick={() => {
        run(view);
        if (label !== words.find) view.focus();
      }}
    >
      <Icon />
    </IconButton>
  );
});
