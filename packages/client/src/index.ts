export * from './document-client-api.ts';
export * from './document-client.ts';
export * from './buffer.ts';
export * from './session.ts';
export * from './status.ts';
export * from './replica.ts';
export * from './ports.ts';
export * from './adapters/memory-queue-store.ts';
