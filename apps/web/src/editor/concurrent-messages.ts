/** What one reads when somebody edits the same paragraph. */
import { t } from '../i18n/text.ts';

export const concurrentMessages = {
  concurrentEdit: (name: string): string =>
    t(
      { id: 'editor.concurrentEdit', defaultMessage: '{name} is editing this paragraph too' },
      { name },
    ),
} as const;
