import { formatBytes, formatNumber } from './formats.ts';
import { t } from './text.ts';

function ofLimit(used: string, limit: string | null): string {
  return limit === null
    ? t({ id: 'account.usage.unlimited', defaultMessage: '{used}, without a limit' }, { used })
    : t({ id: 'account.usage.limited', defaultMessage: '{used} of {limit}' }, { used, limit });
}

/** Texts of accounts; part of the catalogue (messages.ts). */
export const accountMessages = {
  usage: {
    heading: t({ id: 'account.usage.heading', defaultMessage: 'Space on the server' }),
    body: t({
      id: 'account.usage.body',
      defaultMessage:
        'What you wrote counts until its document is deleted permanently; the trash counts too.',
    }),
    documents: t({ id: 'account.usage.documents', defaultMessage: 'Documents' }),
    bytes: t({ id: 'account.usage.bytes', defaultMessage: 'Space' }),
    count: (used: number, limit: number | null): string =>
      ofLimit(formatNumber(used), limit === null ? null : formatNumber(limit)),
    size: (used: number, limit: number | null): string => {
      const [number, unit] = formatBytes(used).split(' ');
      const ofAll = limit === null ? null : formatBytes(limit);
      // A common unit is written once.
      return ofLimit(
        ofAll?.endsWith(` ${unit}`) === true ? (number ?? '') : formatBytes(used),
        ofAll,
      );
    },
    nearlyFull: (said: string): string =>
      t({ id: 'account.usage.nearlyFull', defaultMessage: '{said} · nearly full' }, { said }),
    full: (said: string): string =>
      t({ id: 'account.usage.full', defaultMessage: '{said} · full' }, { said }),
    failed: t({
      id: 'account.usage.failed',
      defaultMessage:
        'What you use could not be read: the server does not answer. Load the page again.',
    }),
  },
  menu: (name: string): string =>
    t({ id: 'account.menu', defaultMessage: 'You are {name}. Account and name' }, { name }),
  guest: t({ id: 'account.guest', defaultMessage: 'Guest' }),
  guestHint: t({
    id: 'account.guestHint',
    defaultMessage:
      'Your documents are kept for this browser. With an account you find them everywhere.',
  }),
  language: t({ id: 'account.language', defaultMessage: 'Language' }),
  languageOfBrowser: t({ id: 'account.languageOfBrowser', defaultMessage: 'As in the browser' }),
  signIn: t({ id: 'account.signIn', defaultMessage: 'Sign in' }),
  signUp: t({ id: 'account.signUp', defaultMessage: 'Sign up' }),
  signOut: t({ id: 'account.signOut', defaultMessage: 'Sign out' }),
  account: t({ id: 'account.account', defaultMessage: 'Account' }),
  signOutFailed: t({
    id: 'account.signOutFailed',
    defaultMessage: 'The server did not answer. You are still signed in; try again in a moment.',
  }),
  removeFromDevice: t({
    id: 'account.removeFromDevice',
    defaultMessage: 'Remove my documents from this device',
  }),
  removeFromDeviceHint: t({
    id: 'account.removeFromDeviceHint',
    defaultMessage: 'Without this, others who use this device could read them.',
  }),
  unsentHeading: t({
    id: 'account.unsentHeading',
    defaultMessage: 'Some changes are not on the server yet',
  }),
  unsentBody: t({
    id: 'account.unsentBody',
    defaultMessage:
      'They stay on this device and are sent when you sign in here again. Others who use this device cannot send them.',
  }),
  alsoUnsent: t({
    id: 'account.alsoUnsent',
    defaultMessage: 'Also delete the changes that were never sent',
  }),
  signOutAnyway: t({ id: 'account.signOutAnyway', defaultMessage: 'Sign out anyway' }),
  stay: t({ id: 'account.stay', defaultMessage: 'Stay signed in' }),

  login: t({ id: 'account.login', defaultMessage: 'User name or email address' }),
  userName: t({ id: 'account.userName', defaultMessage: 'User name' }),
  userNameHint: t({
    id: 'account.userNameHint',
    defaultMessage: 'Letters, digits, dots, dashes and underscores.',
  }),
  email: t({ id: 'account.email', defaultMessage: 'Email address' }),
  optional: t({ id: 'account.optional', defaultMessage: 'optional' }),
  displayName: t({ id: 'account.displayName', defaultMessage: 'Name that others see' }),
  password: t({ id: 'account.password', defaultMessage: 'Password' }),
  passwordHint: (least: number): string =>
    t({ id: 'account.passwordHint', defaultMessage: 'At least {least} characters.' }, { least }),
  showPassword: t({ id: 'account.showPassword', defaultMessage: 'Show the password' }),
  hidePassword: t({ id: 'account.hidePassword', defaultMessage: 'Hide the password' }),
  newHere: t({ id: 'account.newHere', defaultMessage: 'New here?' }),
  haveAccount: t({ id: 'account.haveAccount', defaultMessage: 'Have an account?' }),
  singleSignOn: (name: string): string =>
    t({ id: 'account.singleSignOn', defaultMessage: 'Continue with {name}' }, { name }),
  or: t({ id: 'account.or', defaultMessage: 'or' }),
  signInBody: t({ id: 'account.signInBody', defaultMessage: 'Welcome back.' }),
  signUpBody: t({
    id: 'account.signUpBody',
    defaultMessage: 'Your documents and your name stay yours.',
  }),
  invitedBody: t({
    id: 'account.invitedBody',
    defaultMessage: 'You were invited. Choose how you sign in from now on.',
  }),
  signUpClosedBody: t({
    id: 'account.signUpClosedBody',
    defaultMessage:
      'This server takes no new accounts. You can write as a guest, or ask its administrator.',
  }),
  signUpNowhereBody: t({
    id: 'account.signUpNowhereBody',
    defaultMessage: 'This server takes no new accounts. Ask its administrator.',
  }),
  invitationNeededBody: t({
    id: 'account.invitationNeededBody',
    defaultMessage: 'Accounts are by invitation here: open the link that you were sent.',
  }),
  signedInAlready: (name: string): string =>
    t({ id: 'account.signedInAlready', defaultMessage: 'You are signed in as {name}.' }, { name }),
  toDocuments: t({ id: 'account.toDocuments', defaultMessage: 'To my documents' }),
  goOn: t({ id: 'account.goOn', defaultMessage: 'Go on' }),

  /** By the name of the invalid field. */
  invalid: {
    userName: t({
      id: 'account.invalid.userName',
      defaultMessage:
        'Use 2 to 39 letters, digits, dots, dashes or underscores, and begin with a letter or digit.',
    }),
    email: t({ id: 'account.invalid.email', defaultMessage: 'This is not an email address.' }),
  },
  problems: {
    wrongLogin: t({
      id: 'account.problems.wrongLogin',
      defaultMessage: 'User name or password is not right.',
    }),
    tooManyAttempts: t({
      id: 'account.problems.tooManyAttempts',
      defaultMessage: 'Too many tries. Wait a minute, then try again.',
    }),
    busy: t({
      id: 'account.problems.busy',
      defaultMessage: 'The server is busy. Try again in a moment.',
    }),
    userNameTaken: t({
      id: 'account.problems.userNameTaken',
      defaultMessage: 'This user name is taken.',
    }),
    emailTaken: t({
      id: 'account.problems.emailTaken',
      defaultMessage: 'There is an account with this address already.',
    }),
    signedUpAlready: t({
      id: 'account.problems.signedUpAlready',
      defaultMessage: 'You have an account already: you are signed in with it.',
    }),
    signUpClosed: t({
      id: 'account.problems.signUpClosed',
      defaultMessage: 'This server takes no new accounts.',
    }),
    invitationNeeded: t({
      id: 'account.problems.invitationNeeded',
      defaultMessage: 'A new account needs an invitation.',
    }),
    invitationInvalid: t({
      id: 'account.problems.invitationInvalid',
      defaultMessage: 'This invitation was used already, or is too old. Ask for a new one.',
    }),
    wrongPassword: t({
      id: 'account.problems.wrongPassword',
      defaultMessage: 'This password is not right.',
    }),
    signInAgain: t({
      id: 'account.problems.signInAgain',
      defaultMessage: 'You signed in too long ago for this. Sign out and in again first.',
    }),
    lastAdmin: t({
      id: 'account.problems.lastAdmin',
      defaultMessage: 'A server needs an administrator: make another account one first.',
    }),
    tooManyTokens: t({
      id: 'account.problems.tooManyTokens',
      defaultMessage: 'You have as many tokens as one may have. Delete some first.',
    }),
    signOnUnavailable: t({
      id: 'account.problems.signOnUnavailable',
      defaultMessage: 'The single sign-on does not answer. Try again later.',
    }),
    signOnExpired: t({
      id: 'account.problems.signOnExpired',
      defaultMessage: 'That took too long. Try again.',
    }),
    signOnRefused: t({
      id: 'account.problems.signOnRefused',
      defaultMessage: 'The single sign-on was cancelled.',
    }),
    signOnFailed: t({
      id: 'account.problems.signOnFailed',
      defaultMessage:
        'The single sign-on did not work. Try again; if it goes on, tell the administrator of this server.',
    }),
    accountDisabled: t({
      id: 'account.problems.accountDisabled',
      defaultMessage: 'This account is disabled. Ask the administrator of this server.',
    }),
  },

  heading: t({ id: 'account.heading', defaultMessage: 'Account' }),
  notLoaded: t({
    id: 'account.notLoaded',
    defaultMessage:
      'The server did not answer. Nothing was changed; load the page again in a moment.',
  }),
  profile: t({ id: 'account.profile', defaultMessage: 'You' }),
  save: t({ id: 'account.save', defaultMessage: 'Save' }),
  saved: t({ id: 'account.saved', defaultMessage: 'Saved' }),
  passwordHeading: t({ id: 'account.passwordHeading', defaultMessage: 'Password' }),
  currentPassword: t({ id: 'account.currentPassword', defaultMessage: 'Present password' }),
  newPassword: t({ id: 'account.newPassword', defaultMessage: 'New password' }),
  changePassword: t({ id: 'account.changePassword', defaultMessage: 'Change password' }),
  setPassword: t({ id: 'account.setPassword', defaultMessage: 'Set a password' }),
  passwordChanged: t({
    id: 'account.passwordChanged',
    defaultMessage:
      'The password was changed. Everywhere else you were signed out, and your API tokens have ended.',
  }),
  passwordEnds: t({
    id: 'account.passwordEnds',
    defaultMessage: 'It signs you out everywhere else, and ends your API tokens.',
  }),
  sessionsHeading: t({ id: 'account.sessionsHeading', defaultMessage: 'Where you are signed in' }),
  thisDevice: t({ id: 'account.thisDevice', defaultMessage: 'This device' }),
  lastUsed: (when: string): string =>
    t({ id: 'account.lastUsed', defaultMessage: 'Last used {when}' }, { when }),
  endSession: t({ id: 'account.endSession', defaultMessage: 'Sign out there' }),
  endOthers: t({ id: 'account.endOthers', defaultMessage: 'Sign out everywhere else' }),
  othersEnded: t({
    id: 'account.othersEnded',
    defaultMessage: 'Everywhere else you were signed out.',
  }),
  tokensHeading: t({ id: 'account.tokensHeading', defaultMessage: 'API tokens' }),
  tokensBody: t({
    id: 'account.tokensBody',
    defaultMessage: 'For programs that read or write in your name.',
  }),
  aboutApi: t({ id: 'account.aboutApi', defaultMessage: 'About the API' }),
  newToken: t({ id: 'account.newToken', defaultMessage: 'New token' }),
  tokenValue: t({ id: 'account.tokenValue', defaultMessage: 'The new token' }),
  tokenLabel: t({ id: 'account.tokenLabel', defaultMessage: 'What it is for' }),
  scopes: {
    'documents:read': t({ id: 'account.scopes.documents.read', defaultMessage: 'Read documents' }),
    'documents:write': t({
      id: 'account.scopes.documents.write',
      defaultMessage: 'Write documents',
    }),
    sharing: t({ id: 'account.scopes.sharing', defaultMessage: 'Share documents and delete them' }),
    account: t({ id: 'account.scopes.account', defaultMessage: 'See your account' }),
  },
  createToken: t({ id: 'account.createToken', defaultMessage: 'Create token' }),
  tokenNeedsPassword: t({
    id: 'account.tokenNeedsPassword',
    defaultMessage: 'A token works without you. Give your password once more to make one.',
  }),
  cancel: t({ id: 'account.cancel', defaultMessage: 'Cancel' }),
  tokenOnce: t({ id: 'account.tokenOnce', defaultMessage: 'Copy it now: it is not shown again.' }),
  copy: t({ id: 'account.copy', defaultMessage: 'Copy' }),
  copied: t({ id: 'account.copied', defaultMessage: 'Copied' }),
  done: t({ id: 'account.done', defaultMessage: 'Done' }),
  neverUsed: t({ id: 'account.neverUsed', defaultMessage: 'Never used' }),
  deleteToken: t({ id: 'account.deleteToken', defaultMessage: 'Delete' }),
  peopleHeading: t({ id: 'account.peopleHeading', defaultMessage: 'People' }),
  joined: (when: string): string =>
    t({ id: 'account.joined', defaultMessage: 'Joined {when}' }, { when }),
  administrator: t({ id: 'account.administrator', defaultMessage: 'Administrator' }),
  disabled: t({ id: 'account.disabled', defaultMessage: 'Disabled' }),
  disable: t({ id: 'account.disable', defaultMessage: 'Disable' }),
  enable: t({ id: 'account.enable', defaultMessage: 'Enable' }),
  makeAdmin: t({ id: 'account.makeAdmin', defaultMessage: 'Make administrator' }),
  unmakeAdmin: t({ id: 'account.unmakeAdmin', defaultMessage: 'Take administration away' }),
  resetPassword: t({ id: 'account.resetPassword', defaultMessage: 'Give a new password' }),
  newPasswordFor: (name: string): string =>
    t({ id: 'account.newPasswordFor', defaultMessage: 'New password for {name}' }, { name }),
  actionsFor: (name: string): string =>
    t({ id: 'account.actionsFor', defaultMessage: 'Actions for {name}' }, { name }),
  showMore: t({ id: 'account.showMore', defaultMessage: 'Show more' }),
  invitationsHeading: t({ id: 'account.invitationsHeading', defaultMessage: 'Invitations' }),
  invitationsBody: t({
    id: 'account.invitationsBody',
    defaultMessage: 'Each is good for one person, for a limited time.',
  }),
  invite: t({ id: 'account.invite', defaultMessage: 'Invite a person' }),
  invitationAddress: t({
    id: 'account.invitationAddress',
    defaultMessage: 'Address of the new invitation',
  }),
  inviteFor: t({ id: 'account.inviteFor', defaultMessage: 'Whom it is for' }),
  inviteAdmin: t({ id: 'account.inviteAdmin', defaultMessage: 'May administer this server' }),
  createInvitation: t({ id: 'account.createInvitation', defaultMessage: 'Create invitation' }),
  usedBy: (name: string): string =>
    t({ id: 'account.usedBy', defaultMessage: 'Used by {name}' }, { name }),
  openUntil: (when: string): string =>
    t({ id: 'account.openUntil', defaultMessage: 'Open until {when}' }, { when }),
  takeBack: t({ id: 'account.takeBack', defaultMessage: 'Take back' }),
  deleteHeading: t({ id: 'account.deleteHeading', defaultMessage: 'Delete account' }),
  deleteBody: t({
    id: 'account.deleteBody',
    defaultMessage:
      'Documents that only you own are deleted permanently. What you wrote in the documents of others stays there.',
  }),
  deleteAccount: t({ id: 'account.deleteAccount', defaultMessage: 'Delete my account' }),
  deleteConfirm: t({ id: 'account.deleteConfirm', defaultMessage: 'Delete it permanently' }),
  failed: t({
    id: 'account.failed',
    defaultMessage: 'That did not work. Nothing was changed; try again in a moment.',
  }),
  signInFirst: t({ id: 'account.signInFirst', defaultMessage: 'Sign in to see your account.' }),
} as const;
