/**
 * Displayed texts, grouped by where they appear. Parts of the page have their own next to their code, `*-messages.ts`.
 * They are created once, in the language of the page.
 */
import { accountMessages } from './account-messages.ts';
import { documentMessages } from './document-messages.ts';
import { editorMessages } from './editor-messages.ts';
import { libraryMessages } from './library-messages.ts';
import { problemMessages } from './problem-messages.ts';
import { sharingMessages } from './sharing-messages.ts';
import { statusMessages } from './status-messages.ts';

export const messages = {
  appName: 'Concord',
  pageTitle: (title: string): string => `${title} · Concord`,

  ...statusMessages,
  ...libraryMessages,
  ...documentMessages,
  account: accountMessages,
  ...sharingMessages,
  ...editorMessages,
  problems: problemMessages,
} as const;
