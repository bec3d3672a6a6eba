/** What ShareDB's server and clients agree on. */
export const COLLECTION = 'documents';
/** Printed, with the port behind it, when the server accepts connections. */
export const SHAREDB_READY = 'ShareDB is ready: ';
