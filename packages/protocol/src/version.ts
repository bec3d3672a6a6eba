/** Raised whenever a schema changes; `schema-hash.test.ts` fails until this and its hash are renewed. */
export const PROTOCOL_VERSION = 2;
