/** Texts of the page of a document and its people; part of `messages`. */
import { t } from './text.ts';

export const documentMessages = {
  notFound: {
    heading: t({ id: 'notFound.heading', defaultMessage: 'There is no such document' }),
    body: t({
      id: 'notFound.body',
      defaultMessage:
        'The link may be incomplete: its end, after the last dash, is 26 letters and digits. Check it, or ask the person who sent it to you.',
    }),
  },

  document: {
    title: t({ id: 'document.title', defaultMessage: 'Title' }),
    text: t({ id: 'document.text', defaultMessage: 'Document text' }),
    /** Label of the chip that replaces a part of a line that would take minutes to draw. */
    notDrawn: (length: number): string =>
      t(
        {
          id: 'document.notDrawn',
          defaultMessage:
            '{length, plural, one {# character not shown} other {# characters not shown}}',
        },
        { length },
      ),
    notDrawnHelp: t({
      id: 'document.notDrawnHelp',
      defaultMessage: 'Drawing them would stop this page. They are kept; Backspace deletes them.',
    }),
    placeholder: t({
      id: 'document.placeholder',
      defaultMessage: 'Start writing. Markdown works: # heading, - list, **bold**',
    }),
    opening: t({ id: 'document.opening', defaultMessage: 'Opening the document' }),
    openOfflineHeading: t({
      id: 'document.openOfflineHeading',
      defaultMessage: 'This document has not been opened on this device before',
    }),
    openOfflineBody: t({
      id: 'document.openOfflineBody',
      defaultMessage:
        'The server cannot be reached, so its text is not here yet. It opens by itself as soon as there is a connection.',
    }),
    loadFailedHeading: t({
      id: 'document.loadFailedHeading',
      defaultMessage: 'The editor could not be loaded',
    }),
    loadFailedBody: t({
      id: 'document.loadFailedBody',
      defaultMessage:
        'The document is safe on the server. The connection was lost while the page was loading, or the server was updated. Load the page again.',
    }),
    reload: t({ id: 'document.reload', defaultMessage: 'Load again' }),
    copyText: t({ id: 'document.copyText', defaultMessage: 'Copy text' }),
    textCopied: t({ id: 'document.textCopied', defaultMessage: 'Text copied' }),
    copyFailed: t({
      id: 'document.copyFailed',
      defaultMessage:
        'The browser does not let this page copy. Select the text and copy it by hand.',
    }),
    download: t({ id: 'document.download', defaultMessage: 'Download' }),
    downloadMarkdown: t({ id: 'document.downloadMarkdown', defaultMessage: 'Download Markdown' }),
    print: t({ id: 'document.print', defaultMessage: 'Print' }),
    more: t({ id: 'document.more', defaultMessage: 'More' }),
    words: (count: number): string =>
      t(
        { id: 'document.words', defaultMessage: '{count, plural, one {# word} other {# words}}' },
        { count },
      ),
    wordsSelected: (selected: number, all: number): string =>
      t(
        {
          id: 'document.wordsSelected',
          defaultMessage: '{selected, number} of {all, plural, one {# word} other {# words}}',
        },
        { selected, all },
      ),
    close: t({ id: 'document.close', defaultMessage: 'Close' }),
    dismiss: t({ id: 'document.dismiss', defaultMessage: 'Dismiss' }),
    partFailed: t({
      id: 'document.partFailed',
      defaultMessage:
        'This part of the page could not be loaded. Check the connection; if the server was updated, load the page again.',
    }),
    canEdit: t({ id: 'document.canEdit', defaultMessage: 'You can edit this document now.' }),
    canView: t({
      id: 'document.canView',
      defaultMessage: 'You can read this document now, but not change it.',
    }),
    keptHeading: t({
      id: 'document.keptHeading',
      defaultMessage: 'You can read this document now, but not change it',
    }),
    kept: (unsent: number): string =>
      t(
        {
          id: 'document.kept',
          defaultMessage:
            '{unsent, plural, one {# change was not sent before. It stays} other {# changes were not sent before. They stay}} in the text here and on this device: copy the text if you need it elsewhere. If editing is allowed again, what you wrote is sent by itself.',
        },
        { unsent },
      ),
    trashedHeading: t({
      id: 'document.trashedHeading',
      defaultMessage: 'This document is in the trash',
    }),
    trashed: (days: number): string =>
      t(
        {
          id: 'document.trashed',
          defaultMessage:
            'Only its owners can open it. {days, plural, one {It is deleted permanently in # day} other {It is deleted permanently in # days}} unless you restore it.',
        },
        { days },
      ),
    restore: t({ id: 'document.restore', defaultMessage: 'Restore' }),
    restoreFailed: t({
      id: 'document.restoreFailed',
      defaultMessage:
        'The document could not be restored. It stays in the trash. Try again in a moment.',
    }),
  },

  people: {
    heading: t({ id: 'people.heading', defaultMessage: 'People here' }),
    follow: (name: string): string =>
      t({ id: 'people.follow', defaultMessage: 'Follow {name}' }, { name }),
    changeName: (name: string): string =>
      t({ id: 'people.changeName', defaultMessage: '{name} (you): change your name' }, { name }),
    more: (count: number): string =>
      t(
        {
          id: 'people.more',
          defaultMessage: '{count, plural, one {# more person} other {# more people}}',
        },
        { count },
      ),
    following: (name: string): string =>
      t({ id: 'people.following', defaultMessage: 'Following {name}' }, { name }),
    followingHint: t({ id: 'people.followingHint', defaultMessage: 'any key stops' }),
    noCaret: (name: string): string =>
      t(
        { id: 'people.noCaret', defaultMessage: '{name} has not placed a caret in the text yet.' },
        { name },
      ),
    unnamed: t({ id: 'people.unnamed', defaultMessage: 'Guest' }),
    yourName: t({ id: 'people.yourName', defaultMessage: 'Your name' }),
    nameHint: t({ id: 'people.nameHint', defaultMessage: 'Others see it beside your caret.' }),
    saveName: t({ id: 'people.saveName', defaultMessage: 'Save' }),
    nameFailed: t({
      id: 'people.nameFailed',
      defaultMessage: 'The name could not be saved. Your former name stays. Try again in a moment.',
    }),
  },
} as const;
