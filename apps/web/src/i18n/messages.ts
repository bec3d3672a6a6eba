/**
 * Every text that people read, in one place: a translation is another object of this shape. Parts of the page
 * have catalogues of their own beside their code, `*-messages.ts`.
 */
import { accountMessages } from './account-messages.ts';
import { LOCALE, numbers, plural } from './plural.ts';

const changes = (count: number): string => plural(count, { one: '# change', other: '# changes' });

const both = new Intl.ListFormat(LOCALE, { type: 'conjunction' });
const either = new Intl.ListFormat(LOCALE, { type: 'disjunction' });
const dates = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium', timeStyle: 'short' });

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
    viewOnly: (unsent: number): string =>
      unsent === 0 ? 'View only' : `View only · ${changes(unsent)} kept on this device`,
    savingPaused: 'Saving paused: the server cannot store changes',
    quotaExceeded: 'Saving paused: no more room for you on this server',
    notKept: (unsent: number): string =>
      unsent === 0
        ? 'Saved · not kept on this device'
        : `Sending ${changes(unsent)} · not kept on this device`,
    storageBlocked: 'Not saved: this browser blocks storage. Copy your text.',
    stopped: 'Stopped: changes are no longer sent',
  },

  documents: {
    heading: 'Documents',
    newDocument: 'New document',
    untitled: 'Untitled document',
    copyOf: (title: string): string => `${title} (my copy)`,
    changed: (when: string): string => `Changed ${when}`,
    opened: (when: string): string => `Opened ${when}`,
    trashed: (when: string): string => `Deleted ${when}`,
    justNow: 'just now',
    loading: 'Loading your documents',
    emptyHeading: 'Write together. Lose nothing.',
    emptyBody:
      'A new document is yours alone until you share it. Typing goes on when the network does not, and ' +
      '“Saved” means that the server has it.',
    listFailed: 'Your documents could not be listed.',
    listFailedDetail:
      'They are safe on the server; it cannot be reached from here just now. Check the connection, then try again.',
    createFailed: 'The document could not be created.',
    createFailedDetail:
      'Nothing was lost. The server cannot be reached, or cannot store anything just now. Try again in a moment.',
    accountNeeded: 'Here only people with an account create documents. Sign in, then try again.',
    tryAgain: 'Try again',
    all: 'All documents',
    search: 'Search documents',
    views: 'Views and folders',
    view: {
      all: 'All',
      recent: 'Recent',
      starred: 'Starred',
      shared: 'Shared with me',
      trash: 'Trash',
    },
    folders: 'Folders',
    results: (query: string): string => `Results for “${query}”`,
    found: (count: number, hasMore: boolean): string =>
      hasMore
        ? `More than ${plural(count, { one: '# document', other: '# documents' })}`
        : plural(count, { one: '# document', other: '# documents' }),
    showMore: 'Show more',
    empty: {
      all: 'There are no documents here yet.',
      recent: 'Documents that you open appear here, the last one first.',
      starred: 'Star the documents that you come back to. They appear here.',
      shared: 'Documents that others share with you appear here once you have opened them.',
      trash: 'The trash is empty. What you delete waits here before it is deleted permanently.',
      folder: 'There is nothing in this folder (any more).',
      search: (query: string): string =>
        `No document of yours has “${query}” in its title or text.`,
    },
    trashNote: (days: number): string =>
      `Documents stay here for ${plural(days, { one: '# day', other: '# days' })}, then they are deleted permanently.`,
    ownedBy: (name: string): string => `from ${name}`,
    badge: { viewer: 'View only', commenter: 'Can comment' },
    star: (title: string): string => `Star “${title}”`,
    actionsOf: (title: string): string => `Actions for “${title}”`,
    addStar: 'Add star',
    removeStar: 'Remove star',
    moveToFolder: 'Move to folder…',
    moveToTrash: 'Move to trash',
    restore: 'Restore',
    deletePermanently: 'Delete permanently…',
    movedToTrash: (title: string): string => `“${title}” is in the trash.`,
    undo: 'Undo',
    restored: (title: string): string => `“${title}” is back.`,
    deleted: (title: string): string => `“${title}” is deleted permanently.`,
    movedTo: (folder: string): string =>
      folder === '' ? 'Taken out of its folder.' : `Moved to “${folder}”.`,
    folderHeading: 'Move to folder',
    folderOf: (title: string): string => `Where “${title}” is in your list. Others do not see it.`,
    noFolder: 'No folder',
    newFolder: 'New folder',
    move: 'Move',
    cancel: 'Cancel',
    deleteHeading: 'Delete permanently?',
    deleteBody: (title: string): string =>
      `“${title}” and its history are deleted at once, for everyone who can open it. This cannot be undone.`,
    deleteConfirm: 'Delete permanently',
  },

  notFound: {
    heading: 'There is no such document',
    body: 'The link may be incomplete: its end, after the last dash, is 26 letters and digits. Check it, or ask the person who sent it to you.',
  },

  document: {
    title: 'Title',
    text: 'Document text',
    /** Stands in the text for a part of a line that would take minutes to draw. */
    notDrawn: (length: number): string =>
      plural(length, { one: '# character not shown', other: '# characters not shown' }),
    notDrawnHelp: 'Drawing them would stop this page. They are kept; Backspace deletes them.',
    placeholder: 'Start writing. Markdown works: # heading, - list, **bold**',
    opening: 'Opening the document',
    openOfflineHeading: 'This document has not been opened on this device before',
    openOfflineBody:
      'The server cannot be reached, so its text is not here yet. It opens by itself as soon as there is a connection.',
    loadFailedHeading: 'The editor could not be loaded',
    loadFailedBody:
      'The document is safe on the server. The connection was lost while the page was loading, or the server was updated. Load the page again.',
    reload: 'Load again',
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
    partFailed:
      'This part of the page could not be loaded. Check the connection; if the server was updated, load the page again.',
    canEdit: 'You can edit this document now.',
    canView: 'You can read this document now, but not change it.',
    keptHeading: 'You can read this document now, but not change it',
    kept: (unsent: number): string =>
      `${plural(unsent, {
        one: '# change was not sent before. It stays',
        other: '# changes were not sent before. They stay',
      })} in the text here and on this device: copy the text if you need it elsewhere. If editing is allowed again, what you wrote is sent by itself.`,
    trashedHeading: 'This document is in the trash',
    trashed: (days: number): string =>
      `Only its owners can open it. ${plural(days, {
        one: 'It is deleted permanently in # day',
        other: 'It is deleted permanently in # days',
      })} unless you restore it.`,
    restore: 'Restore',
    restoreFailed:
      'The document could not be restored. It stays in the trash. Try again in a moment.',
  },

  paused: {
    heading: 'The server cannot save just now',
    body: 'Go on writing: what is not saved yet stays here, and is saved by itself as soon as that is possible. If this lasts, tell those who run the server.',
  },

  quota: {
    heading: 'There is no more room for you on this server',
    kept: (unsent: number): string =>
      `${plural(unsent, { one: '# change is', other: '# changes are' })} kept on this device and sent by itself as soon as there is room.`,
    seeUsage: 'See what is used',
  },

  stopped: {
    heading: 'This page stopped sending changes',
    safe: 'Your text is below, and what was not sent is kept on this device. Copy or download it before you open the document again.',
    /** By the code with which the client stopped; for others the server's own words stand. */
    reasons: {
      forbidden: 'You are not allowed to open this document.',
      notFound: 'The document is no longer on the server, or not shared with you.',
      unsupportedProtocol: 'The server was updated. Load the page again to go on.',
      tooManySessions: 'Too many people have this document open at once.',
      messageTooLarge: 'A change was larger than the server accepts.',
    },
    /** About people rather than about the server: what happened, and what is safe, in one go. */
    accessRevoked: {
      heading: 'You no longer have access',
      body: 'Your text stays here until you leave: copy or download it.',
    },
    signedOut: {
      heading: 'You were signed out',
      body: 'Your text and unsent changes stay on this device. Sign in again to send them.',
    },
    otherUser: {
      heading: 'Another person is signed in now',
      body: 'Your text and unsent changes stay on this device, and are sent when you sign in again.',
    },
    otherHistory: {
      heading: 'The server went back to an older state',
      body: 'A backup was restored, and some of the text below may be missing there. Your text is safe on this device, and nothing is sent.',
    },
    overtaken: {
      heading: 'Some changes here may be in the document already',
      body: 'The storage of this browser did not answer when the page was last open, so that this device does not know which of its changes the server has. Below is what this device has; nothing is sent again by itself.',
    },
    /** What can be done with a text that the server's cannot simply go on from. */
    copy: {
      mayWrite:
        '“Merge my copy” adds the lines that only your text has. It deletes nothing, and you can undo it.',
      mayNotWrite:
        'You may not change this document. Keep your copy as a new one, or copy or download it; then go on with the server’s text.',
      merge: 'Merge my copy',
      replace: 'Show the server’s text',
      replaceHeading: 'Show the server’s text?',
      replaceBody:
        'Your copy is removed from this device. What only your copy has is lost, unless you kept it elsewhere.',
      replaceConfirm: 'Remove my copy',
      failed:
        'The document could not be read from the server. Your text stays here: try again in a moment.',
    },
    keepAsNew: 'Keep as a new document',
    keepFailed:
      'The new document could not be made. Your text stays here: try again in a moment, or download it.',
    textStays: 'Your text stays here.',
    signIn: 'Sign in',
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

  account: accountMessages,

  /** To documents of others, in one's own library. */
  invitations: {
    heading: 'Shared with you',
    from: (name: string, userName: string | null, role: string): string =>
      `${name} (${userName ?? 'a guest'}) invites you · ${role}`,
    accept: 'Accept',
    acceptNamed: (title: string): string => `Accept “${title}”`,
    decline: 'Decline',
    declineNamed: (title: string): string => `Decline “${title}”`,
    declined: 'Declined. You will not be asked again.',
  },

  sharing: {
    share: 'Share',
    heading: 'Share this document',
    headingOf: (title: string): string => `Share “${title}”`,
    loading: 'Loading who has access',
    loadFailed:
      'Who has access could not be read: the server cannot be reached just now. Nothing was changed.',
    failed: 'That did not work. The server cannot be reached just now; nothing was changed.',
    you: 'you',

    /** Who can do what, in a sentence or two: put together by access-sentence.ts. */
    sentence: {
      onlyYou: 'Only you can open this document.',
      onlyThese: (people: readonly string[]): string =>
        `Only ${both.format(people)} can open this document.`,
      yourself: 'you',
      others: (count: number): string => plural(count, { one: '# other', other: '# others' }),
      whoeverHasLink: (count: number): string =>
        plural(count, {
          one: 'anyone with the link below',
          other: 'anyone with one of the # links below',
        }),
      anyone: {
        viewer: 'Anyone with the link can view.',
        commenter: 'Anyone with the link can comment.',
        editor: 'Anyone with the link can edit.',
      },
      ownAccess: (people: readonly string[], count: number): string =>
        `${both.format(people)} ${plural(count, {
          one: 'has access of their own',
          other: 'have access of their own',
        })}.`,
      /** `areKnown`: the sentence before spoke of them. */
      linksLet: (count: number, areKnown: boolean, verbs: readonly string[]): string => {
        const subject = areKnown
          ? plural(count, { one: 'It lets', other: 'They let' })
          : plural(count, { one: 'The link below lets', other: 'The # links below let' });
        return `${subject} people ${either.format(verbs)}.`;
      },
      verb: { viewer: 'view', commenter: 'comment', editor: 'edit', owner: 'edit' },
    },

    role: {
      viewer: 'Can view',
      commenter: 'Can comment',
      editor: 'Can edit',
      owner: 'Owner',
    },
    general: 'Anyone with the link',
    generalHint: {
      off: 'Only people and links named below can open it.',
      viewer: 'Anyone with the address can read it.',
      commenter: 'Anyone with the address can read it and comment.',
      editor: 'Anyone with the address can read and change it.',
    },
    anyone: { off: 'Off', viewer: 'Can view', commenter: 'Can comment', editor: 'Can edit' },
    copyAddress: 'Copy link',
    addressCopied: 'Link copied.',
    addressCopiedPrivate: 'Link copied. It opens for those who have access.',

    people: 'People',
    personYou: (name: string): string => `${name} (you)`,
    guest: 'Guest',
    login: 'User name or email',
    loginHint: 'Of a person who has an account here.',
    invite: 'Invite',
    invitedDone: (login: string): string =>
      `${login} was invited: an account of that name finds it in its documents.`,
    invitedAs: {
      viewer: 'Invited to view',
      commenter: 'Invited to comment',
      editor: 'Invited to edit',
      owner: 'Invited to own it with you',
    },
    withdraw: (name: string): string => `Withdraw the invitation of ${name}`,
    roleForNew: 'Role of the new person',
    roleOf: (name: string): string => `Role of ${name}`,
    removePerson: (name: string): string => `Remove ${name}`,
    removeConfirm: (name: string): string => `${name} loses access at once.`,
    remove: 'Remove',

    links: 'Links with a role of their own',
    linksHint:
      'For those who have no account: each can have a password and an end, and can be taken back.',
    noLabel: 'Link',
    passwordMark: 'Password',
    expires: (timeMs: number): string => `until ${dates.format(timeMs)}`,
    expired: 'Expired',
    came: (count: number): string =>
      plural(count, {
        one: '# person came by it',
        other: '# people came by it',
      }),
    cameNobody: 'not used yet',
    revoke: 'Take back',
    revokeLink: (label: string): string => `Take back ${label}`,
    revokeConfirm: (people: number): string =>
      people === 0
        ? 'It will not open any more.'
        : plural(people, {
            one: 'It will not open any more, and # person who came by it loses access.',
            other: 'It will not open any more, and # people who came by it lose access.',
          }),
    newLink: 'New link',
    newLinkHeading: 'New link',
    linkRole: 'Who opens it',
    label: 'Label',
    labelHint: 'Only owners see it.',
    optional: 'optional',
    password: 'Password',
    passwordHint: 'At least 8 characters. Tell it to people by another way than the link.',
    expiry: 'Works for',
    expiryChoice: {
      never: 'No expiry',
      day: '1 day',
      week: '7 days',
      month: '30 days',
      until: 'Until…',
    },
    expiryTime: 'Until',
    expiryPast: 'Choose a time in the future.',
    createLink: 'Create link',
    created: 'The link is ready. Copy it now: it is shown only this once.',
    createdAddress: 'Address of the new link',
    copy: 'Copy',
    copied: 'Link copied.',
    done: 'Done',
    cancel: 'Cancel',

    visitor: {
      viewer: (owner: string): string => `You can view this document. It belongs to ${owner}.`,
      commenter: (owner: string): string =>
        `You can view this document and comment in it. It belongs to ${owner}.`,
      editor: (owner: string): string => `You can edit this document. It belongs to ${owner}.`,
    },
    visitorHint: 'Only owners decide who else has access.',
    leave: 'Leave document',
    leaveConfirm:
      'You lose the access that was given to you. To come back, an owner must share it with you again.',
    left: 'You left the document.',

    /** By the code of the server's refusal; for others its own words stand. */
    problems: {
      lastOwner: 'A document always has an owner: make another person an owner first.',
      noSuchInvitation: 'This invitation was answered or withdrawn already.',
      tooManyInvitations:
        'You have very many invitations that were not accepted. Share by a link instead.',
      noSuchPerson: 'This person has no access of their own any more.',
      noSuchLink: 'This link was taken back already.',
      tooManyPeople: 'This document has as many people as it can have. Share it by a link instead.',
      tooManyLinks: 'This document has as many links as it can have. Take one back first.',
      forbidden: 'Only owners decide who has access.',
      notFound: 'You have no access to this document any more.',
      inTrash: 'The document is in the trash: restore it first.',
      tooManyAttempts: 'Too many tries. Wait a minute, then try again.',
    },

    passwordHeading: 'This link asks for a password',
    passwordBody: 'The person who sent you the link knows it.',
    openDocument: 'Open document',
    passwordWrong: 'This password is not right.',
    linkGoneHeading: 'This link does not open anything',
    linkGoneBody:
      'It may have expired, have been taken back, or be incomplete. Ask the person who sent it to you for a new one.',
    linkFailedHeading: 'The link could not be opened',
    linkFailedBody: 'The server cannot be reached just now. Check the connection, then try again.',
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
