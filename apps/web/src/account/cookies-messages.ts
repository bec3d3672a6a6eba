/** Texts of the page that is shown when the browser refuses cookies. */
import { t } from '../i18n/text.ts';

export const cookiesMessages = {
  heading: t({ id: 'cookies.heading', defaultMessage: 'Concord needs cookies' }),
  why: t({
    id: 'cookies.why',
    defaultMessage:
      'This browser refuses the cookie by which the server recognizes you. Without it a document would belong to a stranger, and you could not open it again. So no document was created here, and nothing was kept on this device.',
  }),
  /** Shown if this browser had a cookie in earlier visits. */
  whyNow: t({
    id: 'cookies.whyNow',
    defaultMessage:
      'This browser now refuses the cookie by which the server recognizes you, so nothing new is created or saved. What this device kept of your documents is still on it.',
  }),
  how: t({
    id: 'cookies.how',
    defaultMessage:
      'Allow cookies for this site, in the browser’s settings or next to the address, and try again. The cookie only recognizes you here; it does not follow you to other sites.',
  }),
  again: t({ id: 'cookies.again', defaultMessage: 'Try again' }),
} as const;
