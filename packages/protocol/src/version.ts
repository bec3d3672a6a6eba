/** Raised with every change of a schema; `schema-hash.test.ts` fails until this and its hash are renewed. */
export const PROTOCOL_VERSION = 4;

/** The oldest version of clients that are served: additions of later versions are optional on the wire. */
export const OLDEST_PROTOCOL_VERSION = 2;
