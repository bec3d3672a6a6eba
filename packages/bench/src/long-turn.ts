/** Processor time of one turn of the event loop, in milliseconds: a few in a row are felt by people who type. */
export const LONG_TURN_MS = 20;
