/** Texts of the status line, and of notices about saving; part of `messages`. */
import { t } from './text.ts';

export const statusMessages = {
  status: {
    opening: t({ id: 'status.opening', defaultMessage: 'Opening…' }),
    saved: t({ id: 'status.saved', defaultMessage: 'Saved' }),
    saving: t({ id: 'status.saving', defaultMessage: 'Saving…' }),
    connecting: t({ id: 'status.connecting', defaultMessage: 'Connecting…' }),
    reconnecting: t({ id: 'status.reconnecting', defaultMessage: 'Reconnecting…' }),
    offline: (unsent: number): string =>
      t(
        {
          id: 'status.offline',
          defaultMessage:
            '{unsent, plural, =0 {Offline} one {Offline · # change kept on this device} other {Offline · # changes kept on this device}}',
        },
        { unsent },
      ),
    syncing: (unsent: number): string =>
      t(
        {
          id: 'status.syncing',
          defaultMessage: 'Syncing {unsent, plural, one {# change} other {# changes}}…',
        },
        { unsent },
      ),
    merged: (count: number): string =>
      t(
        {
          id: 'status.merged',
          defaultMessage: 'Merged {count, plural, one {# change} other {# changes}}',
        },
        { count },
      ),
    viewOnly: (unsent: number): string =>
      t(
        {
          id: 'status.viewOnly',
          defaultMessage:
            '{unsent, plural, =0 {View only} one {View only · # change kept on this device} other {View only · # changes kept on this device}}',
        },
        { unsent },
      ),
    savingPaused: t({
      id: 'status.savingPaused',
      defaultMessage: 'Saving paused: the server cannot store changes',
    }),
    quotaExceeded: t({
      id: 'status.quotaExceeded',
      defaultMessage: 'Saving paused: no more room for you on this server',
    }),
    notKept: (unsent: number): string =>
      t(
        {
          id: 'status.notKept',
          defaultMessage:
            '{unsent, plural, =0 {Saved · not kept on this device} one {Sending # change · not kept on this device} other {Sending # changes · not kept on this device}}',
        },
        { unsent },
      ),
    storageBlocked: t({
      id: 'status.storageBlocked',
      defaultMessage: 'Not saved: this browser blocks storage. Copy your text.',
    }),
    stopped: t({ id: 'status.stopped', defaultMessage: 'Stopped: changes are no longer sent' }),
  },

  save: {
    saved: (version: number): string =>
      t({ id: 'save.saved', defaultMessage: 'Saved (version {version, number})' }, { version }),
  },

  paused: {
    heading: t({ id: 'paused.heading', defaultMessage: 'The server cannot save just now' }),
    body: t({
      id: 'paused.body',
      defaultMessage:
        'Go on writing: what is not saved yet stays here, and is saved by itself as soon as that is possible. If this lasts, tell those who run the server.',
    }),
  },

  quota: {
    heading: t({
      id: 'quota.heading',
      defaultMessage: 'There is no more room for you on this server',
    }),
    kept: (unsent: number): string =>
      t(
        {
          id: 'quota.kept',
          defaultMessage:
            '{unsent, plural, one {# change is} other {# changes are}} kept on this device and sent by itself as soon as there is room.',
        },
        { unsent },
      ),
    seeUsage: t({ id: 'quota.seeUsage', defaultMessage: 'See what is used' }),
  },

  stopped: {
    heading: t({ id: 'stopped.heading', defaultMessage: 'This page stopped sending changes' }),
    safe: t({
      id: 'stopped.safe',
      defaultMessage:
        'Your text is below, and what was not sent is kept on this device. Copy or download it before you open the document again.',
    }),
    /** By the code with which the client stopped; for others the server's message is shown. */
    reasons: {
      forbidden: t({
        id: 'stopped.reasons.forbidden',
        defaultMessage: 'You are not allowed to open this document.',
      }),
      notFound: t({
        id: 'stopped.reasons.notFound',
        defaultMessage: 'The document is no longer on the server, or not shared with you.',
      }),
      unsupportedProtocol: t({
        id: 'stopped.reasons.unsupportedProtocol',
        defaultMessage: 'The server was updated. Load the page again to go on.',
      }),
      tooManySessions: t({
        id: 'stopped.reasons.tooManySessions',
        defaultMessage: 'Too many people have this document open at once.',
      }),
      messageTooLarge: t({
        id: 'stopped.reasons.messageTooLarge',
        defaultMessage: 'A change was larger than the server accepts.',
      }),
    },
    /** Reasons that concern access rather than the server: what happened, and what is safe. */
    accessRevoked: {
      heading: t({
        id: 'stopped.accessRevoked.heading',
        defaultMessage: 'You no longer have access',
      }),
      body: t({
        id: 'stopped.accessRevoked.body',
        defaultMessage: 'Your text stays here until you leave: copy or download it.',
      }),
    },
    signedOut: {
      heading: t({ id: 'stopped.signedOut.heading', defaultMessage: 'You were signed out' }),
      body: t({
        id: 'stopped.signedOut.body',
        defaultMessage:
          'Your text and unsent changes stay on this device. Sign in again to send them.',
      }),
    },
    otherUser: {
      heading: t({
        id: 'stopped.otherUser.heading',
        defaultMessage: 'Another person is signed in now',
      }),
      body: t({
        id: 'stopped.otherUser.body',
        defaultMessage:
          'Your text and unsent changes stay on this device, and are sent when you sign in again.',
      }),
    },
    otherHistory: {
      heading: t({
        id: 'stopped.otherHistory.heading',
        defaultMessage: 'The server went back to an older state',
      }),
      body: t({
        id: 'stopped.otherHistory.body',
        defaultMessage:
          'A backup was restored, and some of the text below may be missing there. Your text is safe on this device, and nothing is sent.',
      }),
    },
    overtaken: {
      heading: t({
        id: 'stopped.overtaken.heading',
        defaultMessage: 'Some changes here may be in the document already',
      }),
      body: t({
        id: 'stopped.overtaken.body',
        defaultMessage:
          'The storage of this browser did not answer when the page was last open, so that this device does not know which of its changes the server has. Below is what this device has; nothing is sent again by itself.',
      }),
    },
    /** Actions for a text that cannot be synchronized with the server's. */
    copy: {
      mayWrite: t({
        id: 'stopped.copy.mayWrite',
        defaultMessage:
          '“Merge my copy” adds the lines that only your text has. It deletes nothing, and you can undo it.',
      }),
      mayNotWrite: t({
        id: 'stopped.copy.mayNotWrite',
        defaultMessage:
          'You may not change this document. Keep your copy as a new one, or copy or download it; then go on with the server’s text.',
      }),
      merge: t({ id: 'stopped.copy.merge', defaultMessage: 'Merge my copy' }),
      replace: t({ id: 'stopped.copy.replace', defaultMessage: 'Show the server’s text' }),
      replaceHeading: t({
        id: 'stopped.copy.replaceHeading',
        defaultMessage: 'Show the server’s text?',
      }),
      replaceBody: t({
        id: 'stopped.copy.replaceBody',
        defaultMessage:
          'Your copy is removed from this device. What only your copy has is lost, unless you kept it elsewhere.',
      }),
      replaceConfirm: t({ id: 'stopped.copy.replaceConfirm', defaultMessage: 'Remove my copy' }),
      failed: t({
        id: 'stopped.copy.failed',
        defaultMessage:
          'The document could not be read from the server. Your text stays here: try again in a moment.',
      }),
    },
    keepAsNew: t({ id: 'stopped.keepAsNew', defaultMessage: 'Keep as a new document' }),
    keepFailed: t({
      id: 'stopped.keepFailed',
      defaultMessage:
        'The new document could not be made. Your text stays here: try again in a moment, or download it.',
    }),
    textStays: t({ id: 'stopped.textStays', defaultMessage: 'Your text stays here.' }),
    signIn: t({ id: 'stopped.signIn', defaultMessage: 'Sign in' }),
  },

  refused: {
    heading: t({ id: 'refused.heading', defaultMessage: 'A change of yours was not accepted' }),
    removed: t({
      id: 'refused.removed',
      defaultMessage: 'It was taken out of the text. This is what it had added:',
    }),
    removedNothing: t({
      id: 'refused.removedNothing',
      defaultMessage: 'It was taken back. It had not added any text.',
    }),
    documentTooLarge: t({
      id: 'refused.documentTooLarge',
      defaultMessage: 'The document would have grown larger than this server allows.',
    }),
    operationTooLarge: t({
      id: 'refused.operationTooLarge',
      defaultMessage: 'It was larger than this server accepts at once.',
    }),
    readOnly: t({
      id: 'refused.readOnly',
      defaultMessage: 'You can read this document, but not change it.',
    }),
    other: t({
      id: 'refused.other',
      defaultMessage: 'The server could not apply it to the document.',
    }),
    copy: t({ id: 'refused.copy', defaultMessage: 'Copy lost text' }),
  },
} as const;
