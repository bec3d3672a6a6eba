/**
 * Every text that people read, in one place: a translation is another object of this shape. Plural forms
 * go through `Intl.PluralRules`, so that a language may have more forms than English.
 */
const LOCALE = 'en';

const pluralRules = new Intl.PluralRules(LOCALE);
const numbers = new Intl.NumberFormat(LOCALE);

type PluralForms = Partial<Record<Intl.LDMLPluralRule, string>> & { readonly other: string };

/** The form for `count`, with `#` replaced by the number. */
function plural(count: number, forms: PluralForms): string {
  return (forms[pluralRules.select(count)] ?? forms.other).replace('#', numbers.format(count));
}

const changes = (count: number): string => plural(count, { one: '# change', other: '# changes' });

export const messages = {
  locale: LOCALE,
  appName: 'Concord',
  pageTitle: (title: string): string => `${title} · Concord`,

  status: {
    opening: 'Opening…',
    saved: 'Saved',
    saving: 'Saving…',
    connecting: 'Connecting…',
    reconnecting: 'Reconnecting…',
    offline: (unsent: number): string =>
      unsent === 0 ? 'Offline' : `Offline · ${changes(unsent)} kept on this device`,
    syncing: (unsent: number): string => `Syncing ${changes(unsent)}…`,
    merged: (count: number): string => `Merged ${changes(count)}`,
    viewOnly: 'View only',
    savingPaused: 'Saving paused: the server cannot store changes',
    storageBlocked: 'Not saved: this browser blocks storage. Copy your text.',
    stopped: 'Stopped: changes are no longer sent',
  },

  documents: {
    heading: 'Documents',
    newDocument: 'New document',
    untitled: 'Untitled document',
    changed: (when: string): string => `Changed ${when}`,
    justNow: 'just now',
    loading: 'Loading your documents',
    emptyHeading: 'Write together. Lose nothing.',
    emptyBody:
      'A document is open to whoever has its link. Typing goes on when the network does not, and ' +
      '“Saved” means that the server has it.',
    listFailed: 'Your documents could not be listed.',
    listFailedDetail:
      'They are safe on the server; it cannot be reached from here just now. Check the connection, then try again.',
    createFailed: 'The document could not be created.',
    createFailedDetail:
      'Nothing was lost. The server cannot be reached, or cannot store anything just now. Try again in a moment.',
    tryAgain: 'Try again',
    all: 'All documents',
  },

  notFound: {
    heading: 'There is no such document',
    body: 'The link may be incomplete: its end, after the last dash, is 26 letters and digits. Check it, or ask whoever sent it to you.',
  },

  document: {
    title: 'Title',
    text: 'Document text',
    placeholder: 'Start writing. Markdown works: # heading, - list, **bold**',
    opening: 'Opening the document',
    openOfflineHeading: 'This document has not been opened on this device before',
    openOfflineBody:
      'The server cannot be reached, so its text is not here yet. It opens by itself as soon as there is a connection.',
    loadFailedHeading: 'The editor could not be loaded',
    loadFailedBody:
      'The document is safe on the server. The connection was lost while the page was loading, or the server was updated. Load the page again.',
    reload: 'Load again',
    copyLink: 'Copy link',
    linkCopied: 'Link copied. Whoever has it can open this document.',
    copyText: 'Copy text',
    textCopied: 'Text copied',
    copyFailed: 'The browser does not let this page copy. Select the text and copy it by hand.',
    download: 'Download',
    downloadMarkdown: 'Download Markdown',
    print: 'Print',
    more: 'More',
    words: (count: number): string => plural(count, { one: '# word', other: '# words' }),
    wordsSelected: (selected: number, all: number): string =>
      `${numbers.format(selected)} of ${plural(all, { one: '# word', other: '# words' })}`,
    close: 'Close',
    dismiss: 'Dismiss',
  },

  stopped: {
    heading: 'This page stopped sending changes',
    safe: 'Your text is below, and what was not sent is kept on this device. Copy or download it before you open the document again.',
    /** By the code with which the client stopped; for others the server's own words stand. */
    reasons: {
      forbidden: 'You are no longer allowed to open this document.',
      notFound: 'The document is no longer on the server.',
      unsupportedProtocol: 'The server was updated. Load the page again to go on.',
      otherHistory:
        'The server was restored from a backup, and this text belongs to its former history.',
      ahead: 'The server has an older state of this document than this page.',
      tooManySessions: 'Too many people have this document open at once.',
      messageTooLarge: 'A change was larger than the server accepts.',
    },
  },

  refused: {
    heading: 'A change of yours was not accepted',
    removed: 'It was taken out of the text. This is what it had added:',
    removedNothing: 'It was taken back. It had not added any text.',
    documentTooLarge: 'The document would have grown larger than this server allows.',
    operationTooLarge: 'It was larger than this server accepts at once.',
    readOnly: 'You can read this document, but not change it.',
    other: 'The server could not apply it to the document.',
    copy: 'Copy lost text',
  },

  people: {
    heading: 'People here',
    follow: (name: string): string => `Follow ${name}`,
    changeName: (name: string): string => `${name} (you): change your name`,
    more: (count: number): string =>
      plural(count, { one: '# more person', other: '# more people' }),
    following: (name: string): string => `Following ${name}`,
    followingHint: 'any key stops',
    noCaret: (name: string): string => `${name} has not placed a caret in the text yet.`,
    unnamed: 'Guest',
    yourName: 'Your name',
    nameHint: 'Others see it beside your caret.',
    saveName: 'Save',
    nameFailed: 'The name could not be saved. Your former name stays. Try again in a moment.',
  },

  save: {
    saved: (version: number): string => `Saved (version ${numbers.format(version)})`,
  },

  toolbar: {
    label: 'Formatting',
    undo: 'Undo',
    redo: 'Redo',
    bold: 'Bold',
    italic: 'Italic',
    strikethrough: 'Strikethrough',
    code: 'Code',
    link: 'Link',
    heading: (level: number): string => `Heading ${level}`,
    bulletList: 'Bulleted list',
    orderedList: 'Numbered list',
    taskList: 'Task list',
    quote: 'Quote',
    codeBlock: 'Code block',
    find: 'Find',
    withKeys: (label: string, keys: string): string => `${label} (${keys})`,
  },

  search: {
    label: 'Find and replace',
    find: 'Find',
    replace: 'Replace with',
    next: 'Next match',
    previous: 'Previous match',
    matchCase: 'Match case',
    wholeWords: 'Whole words',
    regularExpression: 'Regular expression',
    replaceOne: 'Replace',
    replaceAll: 'Replace all',

    matches: (current: number, count: number): string =>
      current === 0
        ? plural(count, { one: '# match', other: '# matches' })
        : `${numbers.format(current)} of ${numbers.format(count)}`,
    manyMatches: (count: number): string => `more than ${numbers.format(count)}`,
    noMatches: 'No matches',
    invalid: 'Not a valid expression',
  },

  keys: {
    heading: 'Keyboard shortcuts',
    open: 'Keyboard shortcuts',
    formatting: 'Formatting',
    blocks: 'Paragraphs and lists',
    editing: 'Editing',
    plainText: 'Plain paragraph',
    headings: 'Headings 1 to 6',
    moveLine: 'Move line up or down',
    indent: 'Indent in a list, or outdent',
    leave: 'Leave the text',
    save: 'Is it saved?',
    sheet: 'Show these shortcuts',
    then: 'then',
  },
} as const;
