export * from './document-client-api.ts';
