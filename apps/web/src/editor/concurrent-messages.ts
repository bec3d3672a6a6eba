/** Texts of the notice that another person edits the same paragraph. */
import { t } from '../i18n/text.ts';

export const concurrentMessages = {
  concurrentEdit: (name: string): string =>
    t(
      { id: 'editor.concurrentEdit', defaultMessage: '{name} is editing this paragraph too' },
      { name },
    ),
} as const;
