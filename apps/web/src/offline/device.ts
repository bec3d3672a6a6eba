/**
 * The client's functions for documents on this device, as one module that the list imports lazily: the client is large
 * compared with the list.
 */
export {
  keptDocuments,
  openDocument,
  openDocumentIds,
  putOnDevice,
  QueueStoreError,
  sendOrphans,
  ServerRefusedError,
  unsentDocuments,
} from '@concord/client/browser';
export { ownAccess } from './document-server.ts';
