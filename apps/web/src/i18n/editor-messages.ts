/** Texts of the editor's tools; part of `messages`. */
import { t } from './text.ts';

export const editorMessages = {
  toolbar: {
    label: t({ id: 'toolbar.label', defaultMessage: 'Formatting' }),
    undo: t({ id: 'toolbar.undo', defaultMessage: 'Undo' }),
    redo: t({ id: 'toolbar.redo', defaultMessage: 'Redo' }),
    bold: t({ id: 'toolbar.bold', defaultMessage: 'Bold' }),
    italic: t({ id: 'toolbar.italic', defaultMessage: 'Italic' }),
    strikethrough: t({ id: 'toolbar.strikethrough', defaultMessage: 'Strikethrough' }),
    code: t({ id: 'toolbar.code', defaultMessage: 'Code' }),
    link: t({ id: 'toolbar.link', defaultMessage: 'Link' }),
    heading: (level: number): string =>
      t({ id: 'toolbar.heading', defaultMessage: 'Heading {level}' }, { level }),
    bulletList: t({ id: 'toolbar.bulletList', defaultMessage: 'Bulleted list' }),
    orderedList: t({ id: 'toolbar.orderedList', defaultMessage: 'Numbered list' }),
    taskList: t({ id: 'toolbar.taskList', defaultMessage: 'Task list' }),
    quote: t({ id: 'toolbar.quote', defaultMessage: 'Quote' }),
    codeBlock: t({ id: 'toolbar.codeBlock', defaultMessage: 'Code block' }),
    find: t({ id: 'toolbar.find', defaultMessage: 'Find' }),
    withKeys: (label: string, keys: string): string =>
      t({ id: 'toolbar.withKeys', defaultMessage: '{label} ({keys})' }, { label, keys }),
  },

  search: {
    label: t({ id: 'search.label', defaultMessage: 'Find and replace' }),
    find: t({ id: 'search.find', defaultMessage: 'Find' }),
    replace: t({ id: 'search.replace', defaultMessage: 'Replace with' }),
    next: t({ id: 'search.next', defaultMessage: 'Next match' }),
    previous: t({ id: 'search.previous', defaultMessage: 'Previous match' }),
    matchCase: t({ id: 'search.matchCase', defaultMessage: 'Match case' }),
    wholeWords: t({ id: 'search.wholeWords', defaultMessage: 'Whole words' }),
    regularExpression: t({ id: 'search.regularExpression', defaultMessage: 'Regular expression' }),
    replaceOne: t({ id: 'search.replaceOne', defaultMessage: 'Replace' }),
    replaceAll: t({ id: 'search.replaceAll', defaultMessage: 'Replace all' }),

    matches: (current: number, count: number): string =>
      current === 0
        ? t(
            {
              id: 'search.matches',
              defaultMessage: '{count, plural, one {# match} other {# matches}}',
            },
            { count },
          )
        : t(
            { id: 'search.matchOf', defaultMessage: '{current, number} of {count, number}' },
            { current, count },
          ),
    manyMatches: (count: number): string =>
      t({ id: 'search.manyMatches', defaultMessage: 'more than {count, number}' }, { count }),
    noMatches: t({ id: 'search.noMatches', defaultMessage: 'No matches' }),
    invalid: t({ id: 'search.invalid', defaultMessage: 'Not a valid expression' }),
  },

  /** CodeMirror's own phrases, keyed by the English ones: announcements for screen readers. `$` stands for a number. */
  phrases: {
    'Control character': t({ id: 'editor.controlCharacter', defaultMessage: 'Control character' }),
    'Selection deleted': t({ id: 'editor.selectionDeleted', defaultMessage: 'Selection deleted' }),
    'current match': t({ id: 'editor.currentMatch', defaultMessage: 'current match' }),
    'on line': t({ id: 'editor.onLine', defaultMessage: 'on line' }),
    'replaced $ matches': t({ id: 'editor.replacedMatches', defaultMessage: 'replaced $ matches' }),
    'replaced match on line $': t({
      id: 'editor.replacedMatch',
      defaultMessage: 'replaced match on line $',
    }),
  },

  keys: {
    heading: t({ id: 'keys.heading', defaultMessage: 'Keyboard shortcuts' }),
    open: t({ id: 'keys.open', defaultMessage: 'Keyboard shortcuts' }),
    formatting: t({ id: 'keys.formatting', defaultMessage: 'Formatting' }),
    blocks: t({ id: 'keys.blocks', defaultMessage: 'Paragraphs and lists' }),
    editing: t({ id: 'keys.editing', defaultMessage: 'Editing' }),
    plainText: t({ id: 'keys.plainText', defaultMessage: 'Plain paragraph' }),
    headings: t({ id: 'keys.headings', defaultMessage: 'Headings 1 to 6' }),
    moveLine: t({ id: 'keys.moveLine', defaultMessage: 'Move line up or down' }),
    indent: t({ id: 'keys.indent', defaultMessage: 'Indent in a list, or outdent' }),
    leave: t({ id: 'keys.leave', defaultMessage: 'Leave the text' }),
    save: t({ id: 'keys.save', defaultMessage: 'Is it saved?' }),
    sheet: t({ id: 'keys.sheet', defaultMessage: 'Show these shortcuts' }),
    /** Names of keys as printed on keyboards of the language. */
    control: t({ id: 'keys.control', defaultMessage: 'Ctrl' }),
    shift: t({ id: 'keys.shift', defaultMessage: 'Shift' }),
    then: t({ id: 'keys.then', defaultMessage: 'then' }),
  },
} as const;
