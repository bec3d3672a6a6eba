/** Texts of working without a network, and of new versions of the app; part of the catalogue (messages.ts). */
import { plural } from '../i18n/plural.ts';

export const offlineMessages = {
  update: {
    ready: 'A new version is ready',
    /** The server does not speak with this version any more, and no other is on the device yet. */
    refused: 'The server was updated',
    reload: 'Reload',
    reloading: 'Reloading…',
    later: 'Later',
    unsaved:
      'What is open here could not be kept on this device. Copy your text, then load the page again.',
  },

  list: {
    offline: 'You are offline. Documents on this device open as usual.',
    unreachable: 'The server cannot be reached just now. Documents on this device open as usual.',
    titlesOnly: 'Only titles are searched meanwhile.',
    missing: 'Not on this device',
    madeHere: 'Only on this device',
    nothingKnown: 'This device knows of nothing here. It appears when the server can be reached.',
    unsent: (count: number): string =>
      `${plural(count, { one: '# change', other: '# changes' })} kept on this device`,
    keptOffline: 'Kept offline',
    /** Before and after the choice of a number. */
    keptCount: [
      'This device keeps the last',
      'documents that you opened here, for opening offline.',
    ],
    keptCountLabel: 'How many documents this device keeps',
    keep: 'Keep offline',
    keepNot: 'Do not keep offline',
    fetching: (title: string): string => `“${title}” is being put on this device.`,
    kept: (title: string): string => `“${title}” opens offline now.`,
    keptNot: (title: string): string =>
      `“${title}” is no longer kept. It stays here until there is need of the space.`,
    keepFailed: (title: string): string =>
      `“${title}” could not be put on this device. Check the connection, then try again.`,
    storageBlocked: 'This browser does not let the app keep documents on this device.',
  },
} as const;
