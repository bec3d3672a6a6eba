/**
 * Texts for problem codes of the server, for any request; part of `messages`. Parts of the page may have more specific
 * texts for a code; for a code without a text the server's English message is shown.
 */
import { t } from './text.ts';

export const problemMessages = {
  accountNeeded: t({
    id: 'problems.accountNeeded',
    defaultMessage: 'This needs an account. Sign in, then try again.',
  }),
  adminNeeded: t({
    id: 'problems.adminNeeded',
    defaultMessage: 'Only administrators of this server may do this.',
  }),
  busy: t({ id: 'problems.busy', defaultMessage: 'The server is busy. Try again in a moment.' }),
  conflict: t({
    id: 'problems.conflict',
    defaultMessage:
      'Something else was changed at the same moment. Look at it again, then try once more.',
  }),
  cookieNeeded: t({
    id: 'problems.cookieNeeded',
    defaultMessage:
      'The server did not recognize this browser. Allow cookies for this site, then try again.',
  }),
  damaged: t({
    id: 'problems.damaged',
    defaultMessage:
      'What the server has of this document is damaged. Nothing was changed; tell the administrator of this server.',
  }),
  documentTooLarge: t({
    id: 'problems.documentTooLarge',
    defaultMessage: 'The document would be larger than this server allows.',
  }),
  internal: t({
    id: 'problems.internal',
    defaultMessage: 'The server made a mistake. Try again in a moment.',
  }),
  linkFull: t({
    id: 'problems.linkFull',
    defaultMessage: 'As many people came by this link as it can have. Ask for a new one.',
  }),
  notFound: t({
    id: 'problems.notFound',
    defaultMessage: 'It is no longer on the server, or not shared with you.',
  }),
  notInTrash: t({
    id: 'problems.notInTrash',
    defaultMessage: 'The document is not in the trash any more.',
  }),
  ownerByInvitation: t({
    id: 'problems.ownerByInvitation',
    defaultMessage:
      'A person becomes an owner by accepting an invitation: invite this person as an owner.',
  }),
  quotaExceeded: t({
    id: 'problems.quotaExceeded',
    defaultMessage:
      'There is no more room for you on this server. Delete documents from the trash first.',
  }),
  rateLimited: t({
    id: 'problems.rateLimited',
    defaultMessage: 'That was too much at once. Wait a moment, then try again.',
  }),
  savingPaused: t({
    id: 'problems.savingPaused',
    defaultMessage: 'The server cannot save anything just now. Try again later.',
  }),
  signInNeeded: t({ id: 'problems.signInNeeded', defaultMessage: 'Sign in first.' }),
  signedOut: t({
    id: 'problems.signedOut',
    defaultMessage: 'You were signed out. Sign in again, then try once more.',
  }),
  storeUnavailable: t({
    id: 'problems.storeUnavailable',
    defaultMessage:
      'The server cannot reach its storage just now. Nothing was changed; try again in a moment.',
  }),
} as const;
