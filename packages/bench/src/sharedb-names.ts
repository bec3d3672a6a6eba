/** Names shared by ShareDB's server and clients. */
export const COLLECTION = 'documents';
/** Printed before the port, when the server accepts connections. */
export const SHAREDB_READY = 'ShareDB is ready: ';
