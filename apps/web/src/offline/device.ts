/**
 * What this device has of documents: the one door from the list to the client. It is large beside the list, so
 * pages load this file when they need it.
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
