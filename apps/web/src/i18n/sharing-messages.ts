/** Texts of sharing a document; part of `messages`. */
import { formatDateTime, listOfAll, listOfChoices } from './formats.ts';
import { t } from './text.ts';

export const sharingMessages = {
  sharing: {
    share: t({ id: 'sharing.share', defaultMessage: 'Share' }),
    heading: t({ id: 'sharing.heading', defaultMessage: 'Share this document' }),
    headingOf: (title: string): string =>
      t({ id: 'sharing.headingOf', defaultMessage: 'Share “{title}”' }, { title }),
    loading: t({ id: 'sharing.loading', defaultMessage: 'Loading who has access' }),
    loadFailed: t({
      id: 'sharing.loadFailed',
      defaultMessage:
        'Who has access could not be read: the server cannot be reached just now. Nothing was changed.',
    }),
    failed: t({
      id: 'sharing.failed',
      defaultMessage:
        'That did not work. The server cannot be reached just now; nothing was changed.',
    }),
    you: t({ id: 'sharing.you', defaultMessage: 'you' }),

    /** Summary of access in one or two sentences, composed by access-sentence.ts. */
    sentence: {
      onlyYou: t({
        id: 'sharing.sentence.onlyYou',
        defaultMessage: 'Only you can open this document.',
      }),
      onlyThese: (people: readonly string[]): string =>
        t(
          {
            id: 'sharing.sentence.onlyThese',
            defaultMessage: 'Only {people} can open this document.',
          },
          { people: listOfAll(people) },
        ),
      yourself: t({ id: 'sharing.sentence.yourself', defaultMessage: 'you' }),
      others: (count: number): string =>
        t(
          {
            id: 'sharing.sentence.others',
            defaultMessage: '{count, plural, one {# other} other {# others}}',
          },
          { count },
        ),
      holdersOfLinks: (count: number): string =>
        t(
          {
            id: 'sharing.sentence.holdersOfLinks',
            defaultMessage:
              '{count, plural, one {anyone with the link below} other {anyone with one of the # links below}}',
          },
          { count },
        ),
      anyone: {
        viewer: t({
          id: 'sharing.sentence.anyone.viewer',
          defaultMessage: 'Anyone with the link can view.',
        }),
        commenter: t({
          id: 'sharing.sentence.anyone.commenter',
          defaultMessage: 'Anyone with the link can comment.',
        }),
        editor: t({
          id: 'sharing.sentence.anyone.editor',
          defaultMessage: 'Anyone with the link can edit.',
        }),
      },
      ownAccess: (people: readonly string[], count: number): string =>
        t(
          {
            id: 'sharing.sentence.ownAccess',
            defaultMessage:
              '{people} {count, plural, one {has access of their own} other {have access of their own}}.',
          },
          { people: listOfAll(people), count },
        ),
      /** `areKnown`: the preceding sentence mentioned the links. */
      linksLet: (count: number, areKnown: boolean, verbs: readonly string[]): string =>
        areKnown
          ? t(
              {
                id: 'sharing.sentence.knownLinksLet',
                defaultMessage: '{count, plural, one {It lets} other {They let}} people {verbs}.',
              },
              { count, verbs: listOfChoices(verbs) },
            )
          : t(
              {
                id: 'sharing.sentence.linksLet',
                defaultMessage:
                  '{count, plural, one {The link below lets} other {The # links below let}} people {verbs}.',
              },
              { count, verbs: listOfChoices(verbs) },
            ),
      verb: {
        viewer: t({ id: 'sharing.sentence.verb.viewer', defaultMessage: 'view' }),
        commenter: t({ id: 'sharing.sentence.verb.commenter', defaultMessage: 'comment' }),
        editor: t({ id: 'sharing.sentence.verb.editor', defaultMessage: 'edit' }),
        owner: t({ id: 'sharing.sentence.verb.owner', defaultMessage: 'edit' }),
      },
    },

    role: {
      viewer: t({ id: 'sharing.role.viewer', defaultMessage: 'Can view' }),
      commenter: t({ id: 'sharing.role.commenter', defaultMessage: 'Can comment' }),
      editor: t({ id: 'sharing.role.editor', defaultMessage: 'Can edit' }),
      owner: t({ id: 'sharing.role.owner', defaultMessage: 'Owner' }),
    },
    general: t({ id: 'sharing.general', defaultMessage: 'Anyone with the link' }),
    generalHint: {
      off: t({
        id: 'sharing.generalHint.off',
        defaultMessage: 'Only people and links named below can open it.',
      }),
      viewer: t({
        id: 'sharing.generalHint.viewer',
        defaultMessage: 'Anyone with the address can read it.',
      }),
      commenter: t({
        id: 'sharing.generalHint.commenter',
        defaultMessage: 'Anyone with the address can read it and comment.',
      }),
      editor: t({
        id: 'sharing.generalHint.editor',
        defaultMessage: 'Anyone with the address can read and change it.',
      }),
    },
    anyone: {
      off: t({ id: 'sharing.anyone.off', defaultMessage: 'Off' }),
      viewer: t({ id: 'sharing.anyone.viewer', defaultMessage: 'Can view' }),
      commenter: t({ id: 'sharing.anyone.commenter', defaultMessage: 'Can comment' }),
      editor: t({ id: 'sharing.anyone.editor', defaultMessage: 'Can edit' }),
    },
    copyAddress: t({ id: 'sharing.copyAddress', defaultMessage: 'Copy link' }),
    addressCopied: t({ id: 'sharing.addressCopied', defaultMessage: 'Link copied.' }),
    addressCopiedPrivate: t({
      id: 'sharing.addressCopiedPrivate',
      defaultMessage: 'Link copied. It opens for those who have access.',
    }),

    people: t({ id: 'sharing.people', defaultMessage: 'People' }),
    personYou: (name: string): string =>
      t({ id: 'sharing.personYou', defaultMessage: '{name} (you)' }, { name }),
    guest: t({ id: 'sharing.guest', defaultMessage: 'Guest' }),
    login: t({ id: 'sharing.login', defaultMessage: 'User name or email' }),
    loginHint: t({
      id: 'sharing.loginHint',
      defaultMessage: 'Of a person who has an account here.',
    }),
    invite: t({ id: 'sharing.invite', defaultMessage: 'Invite' }),
    invitedDone: (login: string): string =>
      t(
        {
          id: 'sharing.invitedDone',
          defaultMessage: '{login} was invited: an account of that name finds it in its documents.',
        },
        { login },
      ),
    invitedAs: {
      viewer: t({ id: 'sharing.invitedAs.viewer', defaultMessage: 'Invited to view' }),
      commenter: t({ id: 'sharing.invitedAs.commenter', defaultMessage: 'Invited to comment' }),
      editor: t({ id: 'sharing.invitedAs.editor', defaultMessage: 'Invited to edit' }),
      owner: t({ id: 'sharing.invitedAs.owner', defaultMessage: 'Invited to own it with you' }),
    },
    withdraw: (name: string): string =>
      t({ id: 'sharing.withdraw', defaultMessage: 'Withdraw the invitation of {name}' }, { name }),
    roleForNew: t({ id: 'sharing.roleForNew', defaultMessage: 'Role of the new person' }),
    roleOf: (name: string): string =>
      t({ id: 'sharing.roleOf', defaultMessage: 'Role of {name}' }, { name }),
    removePerson: (name: string): string =>
      t({ id: 'sharing.removePerson', defaultMessage: 'Remove {name}' }, { name }),
    removeConfirm: (name: string): string =>
      t({ id: 'sharing.removeConfirm', defaultMessage: '{name} loses access at once.' }, { name }),
    remove: t({ id: 'sharing.remove', defaultMessage: 'Remove' }),

    links: t({ id: 'sharing.links', defaultMessage: 'Links with a role of their own' }),
    linksHint: t({
      id: 'sharing.linksHint',
      defaultMessage:
        'For those who have no account: each can have a password and an end, and can be taken back.',
    }),
    noLabel: t({ id: 'sharing.noLabel', defaultMessage: 'Link' }),
    passwordMark: t({ id: 'sharing.passwordMark', defaultMessage: 'Password' }),
    expires: (timeMs: number): string =>
      t(
        { id: 'sharing.expires', defaultMessage: 'until {when}' },
        { when: formatDateTime(timeMs) },
      ),
    expired: t({ id: 'sharing.expired', defaultMessage: 'Expired' }),
    came: (count: number): string =>
      t(
        {
          id: 'sharing.came',
          defaultMessage: '{count, plural, one {# person came by it} other {# people came by it}}',
        },
        { count },
      ),
    linkUnused: t({ id: 'sharing.linkUnused', defaultMessage: 'not used yet' }),
    revoke: t({ id: 'sharing.revoke', defaultMessage: 'Take back' }),
    revokeLink: (label: string): string =>
      t({ id: 'sharing.revokeLink', defaultMessage: 'Take back {label}' }, { label }),
    revokeConfirm: (people: number): string =>
      t(
        {
          id: 'sharing.revokeConfirm',
          defaultMessage:
            '{people, plural, =0 {It will not open any more.} one {It will not open any more, and # person who came by it loses access.} other {It will not open any more, and # people who came by it lose access.}}',
        },
        { people },
      ),
    newLink: t({ id: 'sharing.newLink', defaultMessage: 'New link' }),
    newLinkHeading: t({ id: 'sharing.newLinkHeading', defaultMessage: 'New link' }),
    linkRole: t({ id: 'sharing.linkRole', defaultMessage: 'Who opens it' }),
    label: t({ id: 'sharing.label', defaultMessage: 'Label' }),
    labelHint: t({ id: 'sharing.labelHint', defaultMessage: 'Only owners see it.' }),
    optional: t({ id: 'sharing.optional', defaultMessage: 'optional' }),
    password: t({ id: 'sharing.password', defaultMessage: 'Password' }),
    passwordHint: t({
      id: 'sharing.passwordHint',
      defaultMessage: 'At least 8 characters. Tell it to people by another way than the link.',
    }),
    expiry: t({ id: 'sharing.expiry', defaultMessage: 'Works for' }),
    expiryChoice: {
      never: t({ id: 'sharing.expiryChoice.never', defaultMessage: 'No expiry' }),
      day: t({ id: 'sharing.expiryChoice.day', defaultMessage: '1 day' }),
      week: t({ id: 'sharing.expiryChoice.week', defaultMessage: '7 days' }),
      month: t({ id: 'sharing.expiryChoice.month', defaultMessage: '30 days' }),
      until: t({ id: 'sharing.expiryChoice.until', defaultMessage: 'Until…' }),
    },
    expiryTime: t({ id: 'sharing.expiryTime', defaultMessage: 'Until' }),
    expiryPast: t({ id: 'sharing.expiryPast', defaultMessage: 'Choose a time in the future.' }),
    createLink: t({ id: 'sharing.createLink', defaultMessage: 'Create link' }),
    created: t({
      id: 'sharing.created',
      defaultMessage: 'The link is ready. Copy it now: it is shown only this once.',
    }),
    createdAddress: t({ id: 'sharing.createdAddress', defaultMessage: 'Address of the new link' }),
    copy: t({ id: 'sharing.copy', defaultMessage: 'Copy' }),
    copied: t({ id: 'sharing.copied', defaultMessage: 'Link copied.' }),
    done: t({ id: 'sharing.done', defaultMessage: 'Done' }),
    cancel: t({ id: 'sharing.cancel', defaultMessage: 'Cancel' }),

    visitor: {
      viewer: (owner: string): string =>
        t(
          {
            id: 'sharing.visitor.viewer',
            defaultMessage: 'You can view this document. It belongs to {owner}.',
          },
          { owner },
        ),
      commenter: (owner: string): string =>
        t(
          {
            id: 'sharing.visitor.commenter',
            defaultMessage: 'You can view this document and comment in it. It belongs to {owner}.',
          },
          { owner },
        ),
      editor: (owner: string): string =>
        t(
          {
            id: 'sharing.visitor.editor',
            defaultMessage: 'You can edit this document. It belongs to {owner}.',
          },
          { owner },
        ),
    },
    visitorHint: t({
      id: 'sharing.visitorHint',
      defaultMessage: 'Only owners decide who else has access.',
    }),
    leave: t({ id: 'sharing.leave', defaultMessage: 'Leave document' }),
    leaveConfirm: t({
      id: 'sharing.leaveConfirm',
      defaultMessage:
        'You lose the access that was given to you. To come back, an owner must share it with you again.',
    }),
    left: t({ id: 'sharing.left', defaultMessage: 'You left the document.' }),

    /** By problem code; for others the server's message is shown. */
    problems: {
      lastOwner: t({
        id: 'sharing.problems.lastOwner',
        defaultMessage: 'A document always has an owner: make another person an owner first.',
      }),
      noSuchInvitation: t({
        id: 'sharing.problems.noSuchInvitation',
        defaultMessage: 'This invitation was answered or withdrawn already.',
      }),
      tooManyInvitations: t({
        id: 'sharing.problems.tooManyInvitations',
        defaultMessage:
          'You have very many invitations that were not accepted. Share by a link instead.',
      }),
      noSuchPerson: t({
        id: 'sharing.problems.noSuchPerson',
        defaultMessage: 'This person has no access of their own any more.',
      }),
      noSuchLink: t({
        id: 'sharing.problems.noSuchLink',
        defaultMessage: 'This link was taken back already.',
      }),
      tooManyPeople: t({
        id: 'sharing.problems.tooManyPeople',
        defaultMessage:
          'This document has as many people as it can have. Share it by a link instead.',
      }),
      tooManyLinks: t({
        id: 'sharing.problems.tooManyLinks',
        defaultMessage: 'This document has as many links as it can have. Take one back first.',
      }),
      forbidden: t({
        id: 'sharing.problems.forbidden',
        defaultMessage: 'Only owners decide who has access.',
      }),
      notFound: t({
        id: 'sharing.problems.notFound',
        defaultMessage: 'You have no access to this document any more.',
      }),
      inTrash: t({
        id: 'sharing.problems.inTrash',
        defaultMessage: 'The document is in the trash: restore it first.',
      }),
      tooManyAttempts: t({
        id: 'sharing.problems.tooManyAttempts',
        defaultMessage: 'Too many tries. Wait a minute, then try again.',
      }),
    },

    passwordHeading: t({
      id: 'sharing.passwordHeading',
      defaultMessage: 'This link asks for a password',
    }),
    passwordBody: t({
      id: 'sharing.passwordBody',
      defaultMessage: 'The person who sent you the link knows it.',
    }),
    openDocument: t({ id: 'sharing.openDocument', defaultMessage: 'Open document' }),
    passwordWrong: t({
      id: 'sharing.passwordWrong',
      defaultMessage: 'This password is not right.',
    }),
    linkGoneHeading: t({
      id: 'sharing.linkGoneHeading',
      defaultMessage: 'This link does not open anything',
    }),
    linkGoneBody: t({
      id: 'sharing.linkGoneBody',
      defaultMessage:
        'It may have expired, have been taken back, or be incomplete. Ask the person who sent it to you for a new one.',
    }),
    linkFailedHeading: t({
      id: 'sharing.linkFailedHeading',
      defaultMessage: 'The link could not be opened',
    }),
    linkFailedBody: t({
      id: 'sharing.linkFailedBody',
      defaultMessage:
        'The server cannot be reached just now. Check the connection, then try again.',
    }),
  },
} as const;
