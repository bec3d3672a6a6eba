/** The pure core and the ports of the server, for the simulation and other programs. Starts nothing. */
export * from './cluster/core/node-lease.ts';
export * from './cluster/core/ownership-io.ts';
export * from './cluster/core/ownership-table.ts';
export * from './cluster/core/rendezvous.ts';
export * from './documents/core/document-owner.ts';
export { CHECKPOINT_EVERY_VERSIONS } from './documents/core/folded-text.ts';
export * from './documents/core/document-messages.ts';
export * from './store/core/append-attempt.ts';
export * from './store/core/rename.ts';
export * from './store/ports/cluster-store.ts';
export * from './store/ports/store.ts';
export type { Asker, DocumentAccess } from './access/core/permissions.ts';
