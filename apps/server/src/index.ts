/** The pure core and the ports of the server, for the simulation and other programs. Starts nothing. */
export * from './document/document.ts';
export * from './document/document-messages.ts';
export * from './document/rename.ts';
export * from './store/store.ts';
export type { Asker, DocumentAccess } from './access/permissions.ts';
