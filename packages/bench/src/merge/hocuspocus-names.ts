/** Printed by the Hocuspocus process, with the port behind it, when the server accepts connections. */
export const HOCUSPOCUS_READY = 'Hocuspocus is ready: ';
