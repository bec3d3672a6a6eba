/** Printed by the Hocuspocus process before the port, when the server accepts connections. */
export const HOCUSPOCUS_READY = 'Hocuspocus is ready: ';
