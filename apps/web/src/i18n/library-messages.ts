/** Texts of the lists of documents; part of `messages`. */
import { t } from './text.ts';

export const libraryMessages = {
  documents: {
    heading: t({ id: 'documents.heading', defaultMessage: 'Documents' }),
    newDocument: t({ id: 'documents.newDocument', defaultMessage: 'New document' }),
    untitled: t({ id: 'documents.untitled', defaultMessage: 'Untitled document' }),
    copyOf: (title: string): string =>
      t({ id: 'documents.copyOf', defaultMessage: '{title} (my copy)' }, { title }),
    changed: (when: string): string =>
      t({ id: 'documents.changed', defaultMessage: 'Changed {when}' }, { when }),
    opened: (when: string): string =>
      t({ id: 'documents.opened', defaultMessage: 'Opened {when}' }, { when }),
    trashed: (when: string): string =>
      t({ id: 'documents.trashed', defaultMessage: 'Deleted {when}' }, { when }),
    justNow: t({ id: 'documents.justNow', defaultMessage: 'just now' }),
    loading: t({ id: 'documents.loading', defaultMessage: 'Loading your documents' }),
    emptyHeading: t({
      id: 'documents.emptyHeading',
      defaultMessage: 'Write together. Lose nothing.',
    }),
    emptyBody: t({
      id: 'documents.emptyBody',
      defaultMessage:
        'A new document is yours alone until you share it. Typing goes on when the network does not, and “Saved” means that the server has it.',
    }),
    listFailed: t({
      id: 'documents.listFailed',
      defaultMessage: 'Your documents could not be listed.',
    }),
    listFailedDetail: t({
      id: 'documents.listFailedDetail',
      defaultMessage:
        'They are safe on the server; it cannot be reached from here just now. Check the connection, then try again.',
    }),
    createFailed: t({
      id: 'documents.createFailed',
      defaultMessage: 'The document could not be created.',
    }),
    createFailedDetail: t({
      id: 'documents.createFailedDetail',
      defaultMessage:
        'Nothing was lost. The server cannot be reached, or cannot store anything just now. Try again in a moment.',
    }),
    accountNeeded: t({
      id: 'documents.accountNeeded',
      defaultMessage: 'Here only people with an account create documents. Sign in, then try again.',
    }),
    tryAgain: t({ id: 'documents.tryAgain', defaultMessage: 'Try again' }),
    all: t({ id: 'documents.all', defaultMessage: 'All documents' }),
    search: t({ id: 'documents.search', defaultMessage: 'Search documents' }),
    views: t({ id: 'documents.views', defaultMessage: 'Views and folders' }),
    view: {
      all: t({ id: 'documents.view.all', defaultMessage: 'All' }),
      recent: t({ id: 'documents.view.recent', defaultMessage: 'Recent' }),
      starred: t({ id: 'documents.view.starred', defaultMessage: 'Starred' }),
      shared: t({ id: 'documents.view.shared', defaultMessage: 'Shared with me' }),
      trash: t({ id: 'documents.view.trash', defaultMessage: 'Trash' }),
    },
    folders: t({ id: 'documents.folders', defaultMessage: 'Folders' }),
    results: (query: string): string =>
      t({ id: 'documents.results', defaultMessage: 'Results for “{query}”' }, { query }),
    found: (count: number, hasMore: boolean): string =>
      hasMore
        ? t(
            {
              id: 'documents.foundMore',
              defaultMessage: 'More than {count, plural, one {# document} other {# documents}}',
            },
            { count },
          )
        : t(
            {
              id: 'documents.found',
              defaultMessage: '{count, plural, one {# document} other {# documents}}',
            },
            { count },
          ),
    showMore: t({ id: 'documents.showMore', defaultMessage: 'Show more' }),
    empty: {
      all: t({ id: 'documents.empty.all', defaultMessage: 'There are no documents here yet.' }),
      recent: t({
        id: 'documents.empty.recent',
        defaultMessage: 'Documents that you open appear here, the last one first.',
      }),
      starred: t({
        id: 'documents.empty.starred',
        defaultMessage: 'Star the documents that you come back to. They appear here.',
      }),
      shared: t({
        id: 'documents.empty.shared',
        defaultMessage:
          'Documents that others share with you appear here once you have opened them.',
      }),
      trash: t({
        id: 'documents.empty.trash',
        defaultMessage:
          'The trash is empty. What you delete waits here before it is deleted permanently.',
      }),
      folder: t({
        id: 'documents.empty.folder',
        defaultMessage: 'There is nothing in this folder (any more).',
      }),
      search: (query: string): string =>
        t(
          {
            id: 'documents.empty.search',
            defaultMessage: 'No document of yours has “{query}” in its title or text.',
          },
          { query },
        ),
    },
    trashNote: (days: number): string =>
      t(
        {
          id: 'documents.trashNote',
          defaultMessage:
            'Documents stay here for {days, plural, one {# day} other {# days}}, then they are deleted permanently.',
        },
        { days },
      ),
    ownedBy: (name: string): string =>
      t({ id: 'documents.ownedBy', defaultMessage: 'from {name}' }, { name }),
    badge: {
      viewer: t({ id: 'documents.badge.viewer', defaultMessage: 'View only' }),
      commenter: t({ id: 'documents.badge.commenter', defaultMessage: 'Can comment' }),
    },
    star: (title: string): string =>
      t({ id: 'documents.star', defaultMessage: 'Star “{title}”' }, { title }),
    actionsOf: (title: string): string =>
      t({ id: 'documents.actionsOf', defaultMessage: 'Actions for “{title}”' }, { title }),
    addStar: t({ id: 'documents.addStar', defaultMessage: 'Add star' }),
    removeStar: t({ id: 'documents.removeStar', defaultMessage: 'Remove star' }),
    moveToFolder: t({ id: 'documents.moveToFolder', defaultMessage: 'Move to folder…' }),
    moveToTrash: t({ id: 'documents.moveToTrash', defaultMessage: 'Move to trash' }),
    restore: t({ id: 'documents.restore', defaultMessage: 'Restore' }),
    deletePermanently: t({
      id: 'documents.deletePermanently',
      defaultMessage: 'Delete permanently…',
    }),
    movedToTrash: (title: string): string =>
      t({ id: 'documents.movedToTrash', defaultMessage: '“{title}” is in the trash.' }, { title }),
    undo: t({ id: 'documents.undo', defaultMessage: 'Undo' }),
    restored: (title: string): string =>
      t({ id: 'documents.restored', defaultMessage: '“{title}” is back.' }, { title }),
    deleted: (title: string): string =>
      t(
        { id: 'documents.deleted', defaultMessage: '“{title}” is deleted permanently.' },
        { title },
      ),
    movedTo: (folder: string): string =>
      folder === ''
        ? t({ id: 'documents.movedOut', defaultMessage: 'Taken out of its folder.' })
        : t({ id: 'documents.movedTo', defaultMessage: 'Moved to “{folder}”.' }, { folder }),
    folderHeading: t({ id: 'documents.folderHeading', defaultMessage: 'Move to folder' }),
    folderOf: (title: string): string =>
      t(
        {
          id: 'documents.folderOf',
          defaultMessage: 'Where “{title}” is in your list. Others do not see it.',
        },
        { title },
      ),
    noFolder: t({ id: 'documents.noFolder', defaultMessage: 'No folder' }),
    newFolder: t({ id: 'documents.newFolder', defaultMessage: 'New folder' }),
    move: t({ id: 'documents.move', defaultMessage: 'Move' }),
    cancel: t({ id: 'documents.cancel', defaultMessage: 'Cancel' }),
    deleteHeading: t({ id: 'documents.deleteHeading', defaultMessage: 'Delete permanently?' }),
    deleteBody: (title: string): string =>
      t(
        {
          id: 'documents.deleteBody',
          defaultMessage:
            '“{title}” and its history are deleted at once, for everyone who can open it. This cannot be undone.',
        },
        { title },
      ),
    deleteConfirm: t({ id: 'documents.deleteConfirm', defaultMessage: 'Delete permanently' }),
  },

  /** Received invitations to documents of others. */
  invitations: {
    heading: t({ id: 'invitations.heading', defaultMessage: 'Shared with you' }),
    from: (name: string, userName: string | null, role: string): string =>
      userName === null
        ? t(
            {
              id: 'invitations.fromGuest',
              defaultMessage: '{name} (a guest) invites you · {role}',
            },
            { name, role },
          )
        : t(
            { id: 'invitations.from', defaultMessage: '{name} ({userName}) invites you · {role}' },
            { name, userName, role },
          ),
    accept: t({ id: 'invitations.accept', defaultMessage: 'Accept' }),
    acceptNamed: (title: string): string =>
      t({ id: 'invitations.acceptNamed', defaultMessage: 'Accept “{title}”' }, { title }),
    decline: t({ id: 'invitations.decline', defaultMessage: 'Decline' }),
    declineNamed: (title: string): string =>
      t({ id: 'invitations.declineNamed', defaultMessage: 'Decline “{title}”' }, { title }),
    declined: t({
      id: 'invitations.declined',
      defaultMessage: 'Declined. You will not be asked again.',
    }),
  },
} as const;
