/** What the page says when the browser refuses its cookies. */
import { messages } from '../messages.ts';

export const cookiesMessages = {
  heading: `${messages.appName} needs cookies`,
  why:
    'This browser refuses the cookie by which the server knows you again. Without it every document would belong ' +
    'to a stranger, and you could not open it a second time. So nothing was created, and nothing was kept on this device.',
  how:
    'Allow cookies for this site: in the settings of the browser, or by the sign beside the address. Only cookies of this ' +
    'site are used, to know you, and none to follow you. Then try again.',
  again: 'Try again',
} as const;
