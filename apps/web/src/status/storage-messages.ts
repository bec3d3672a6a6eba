/** Texts for a browser that blocks storage. */
import { t } from '../i18n/text.ts';

export const storageMessages = {
  heading: t({
    id: 'storage.heading',
    defaultMessage: 'Your latest changes are in this page only',
  }),
  body: t({
    id: 'storage.body',
    defaultMessage:
      'The browser does not let this page store them: the disk may be full, or this is a private window. Go on writing; what reaches the server is safe there. Copy or download the text before you close the page. When there is room again, changes are kept as usual.',
  }),
  sentHeading: t({
    id: 'storage.sentHeading',
    defaultMessage: 'Your changes are not kept on this device',
  }),
  sentBody: t({
    id: 'storage.sentBody',
    defaultMessage:
      'The storage of this browser does not answer: another tab of this site may hold it, or the disk is full. Go on writing: what the status calls “Saved” is safe on the server. Closing other tabs may help.',
  }),
} as const;
