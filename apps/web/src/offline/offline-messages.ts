/** Texts for offline work and for new versions of the app; part of the catalogue (messages.ts). */
import { t } from '../i18n/text.ts';

export const offlineMessages = {
  update: {
    ready: t({ id: 'offline.update.ready', defaultMessage: 'A new version is ready' }),
    /** The server does not support this version any more, and no other is installed yet. */
    refused: t({ id: 'offline.update.refused', defaultMessage: 'The server was updated' }),
    reload: t({ id: 'offline.update.reload', defaultMessage: 'Reload' }),
    reloading: t({ id: 'offline.update.reloading', defaultMessage: 'Reloading…' }),
    later: t({ id: 'offline.update.later', defaultMessage: 'Later' }),
    unsaved: t({
      id: 'offline.update.unsaved',
      defaultMessage:
        'What is open here could not be kept on this device. Copy your text, then load the page again.',
    }),
  },

  list: {
    offline: t({
      id: 'offline.list.offline',
      defaultMessage: 'You are offline. Documents on this device open as usual.',
    }),
    unreachable: t({
      id: 'offline.list.unreachable',
      defaultMessage:
        'The server cannot be reached just now. Documents on this device open as usual.',
    }),
    titlesOnly: t({
      id: 'offline.list.titlesOnly',
      defaultMessage: 'Only titles are searched meanwhile.',
    }),
    missing: t({ id: 'offline.list.missing', defaultMessage: 'Not on this device' }),
    madeHere: t({ id: 'offline.list.madeHere', defaultMessage: 'Only on this device' }),
    nothingKnown: t({
      id: 'offline.list.nothingKnown',
      defaultMessage:
        'This device knows of nothing here. It appears when the server can be reached.',
    }),
    unsent: (count: number): string =>
      t(
        {
          id: 'offline.list.unsent',
          defaultMessage: '{count, plural, one {# change} other {# changes}} kept on this device',
        },
        { count },
      ),
    keptOffline: t({ id: 'offline.list.keptOffline', defaultMessage: 'Kept offline' }),
    /** Text before and after the select element for the number. */
    keptCount: [
      t({ id: 'offline.list.keptCountBefore', defaultMessage: 'This device keeps the last' }),
      t({
        id: 'offline.list.keptCountAfter',
        defaultMessage: 'documents that you opened here, for opening offline.',
      }),
    ],
    keptCountLabel: t({
      id: 'offline.list.keptCountLabel',
      defaultMessage: 'How many documents this device keeps',
    }),
    keep: t({ id: 'offline.list.keep', defaultMessage: 'Keep offline' }),
    keepNot: t({ id: 'offline.list.keepNot', defaultMessage: 'Do not keep offline' }),
    fetching: (title: string): string =>
      t(
        { id: 'offline.list.fetching', defaultMessage: '“{title}” is being put on this device.' },
        { title },
      ),
    kept: (title: string): string =>
      t({ id: 'offline.list.kept', defaultMessage: '“{title}” opens offline now.' }, { title }),
    keptNot: (title: string): string =>
      t(
        {
          id: 'offline.list.keptNot',
          defaultMessage:
            '“{title}” is no longer kept. It stays here until there is need of the space.',
        },
        { title },
      ),
    keepFailed: (title: string): string =>
      t(
        {
          id: 'offline.list.keepFailed',
          defaultMessage:
            '“{title}” could not be put on this device. Check the connection, then try again.',
        },
        { title },
      ),
    storageBlocked: t({
      id: 'offline.list.storageBlocked',
      defaultMessage: 'This browser does not let the app keep documents on this device.',
    }),
  },
} as const;
