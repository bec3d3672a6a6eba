/** Raised whenever a schema changes; `schema-hash.test.ts` fails until this and its hash are renewed. */
export const PROTOCOL_VERSION = 3;

/** Clients down to this version are served: what later versions added is optional on the wire. */
export const OLDEST_PROTOCOL_VERSION = 2;
