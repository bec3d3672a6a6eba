/** CPU time of a long turn of the event loop, in milliseconds: a few in a row are noticeable while typing. */
export const LONG_TURN_MS = 20;
