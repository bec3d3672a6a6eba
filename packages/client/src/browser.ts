/** For the page: the queue in IndexedDB, one replica per tab guarded by a Web Lock (A8). */
import { randomClientId, type ClientId, type DocumentId } from '@concord/protocol';
import { HttpSnapshotSource } from './adapters/http-snapshot.ts';
import { IndexedDbQueueStore } from './adapters/indexed-db-queue-store.ts';
import { MemoryQueueStore } from './adapters/memory-queue-store.ts';
import { socketIoTransport } from './adapters/socket-io-transport.ts';
import { newReplica, RunningDocumentClient } from './document-client.ts';
import type { DocumentClient } from './document-client-api.ts';
import { QueueStoreError, type Credentials, type QueueStore } from './ports.ts';
import type { Replica } from './replica.ts';

/** Stands in where the browser has no storage: keeps for the page's life, and says that it does not last. */
class BlockedQueueStore extends MemoryQueueStore {
  override save(): Promise<void> {
    return Promise.reject(new QueueStoreError('This browser blocks storage'));
  }
}

export interface OpenDocumentOptions {
  readonly documentId: DocumentId;
  /** Who writes: queues of others on this device are left alone. Null when that is not known yet. */
  readonly userId: string | null;
  /** Of an account; guests are known by their cookie. */
  readonly credentials?: Credentials;
}

/** Opens a document of the page's own server. */
export async function openDocument(options: OpenDocumentOptions): Promise<DocumentClient> {
  const { documentId, userId, credentials } = options;
  const queueStore: QueueStore = await IndexedDbQueueStore.open().catch(
    () => new BlockedQueueStore(),
  );
  const replica = await takeReplica(queueStore, documentId, userId);
  const client = new RunningDocumentClient({
    documentId,
    replica,
    queueStore,
    snapshots: new HttpSnapshotSource('', { credentials }),
    createTransport: socketIoTransport({ documentId, credentials }),
  });
  client.on('status', (status) => {
    // Nothing is kept of a document that does not exist.
    const isNowhere = status.kind === 'stopped' && status.code === 'notFound';
    if (isNowhere && client.unsent === 0) void queueStore.remove(documentId, replica.clientId);
  });
  const suspend = (): void => client.suspend();
  const networkBack = (): void => client.networkBack();
  addEventListener('pagehide', suspend);
  document.addEventListener('visibilitychange', suspend);
  addEventListener('online', networkBack);
  const close = client.close.bind(client);
  client.close = async () => {
    removeEventListener('pagehide', suspend);
    document.removeEventListener('visibilitychange', suspend);
    removeEventListener('online', networkBack);
    await close();
    releaseLock(replica.clientId);
  };
  return client;
}

/** How many documents have edits on this device that the server does not have; 0 where nothing can be kept. */
export async function unsentDocuments(): Promise<number> {
  try {
    const store = await IndexedDbQueueStore.open();
    const count = await store.countUnsent();
    store.close();
    return count;
  } catch {
    return 0;
  }
}

/** Continues a replica that another tab left behind, or begins a new one. */
async function takeReplica(
  queueStore: QueueStore,
  documentId: DocumentId,
  userId: string | null,
): Promise<Replica> {
  const orphans = await queueStore.list(documentId).catch(() => []);
  for (const clientId of orphans) {
    if (!(await takeLock(clientId))) continue;
    const replica = await queueStore.load(documentId, clientId).catch(() => null);
    const isOwn = replica !== null && (replica.userId === null || replica.userId === userId);
    if (isOwn) return replica;
    releaseLock(clientId);
  }
  const replica = newReplica(documentId, randomClientId(), userId);
  await takeLock(replica.clientId);
  return replica;
}

const releases = new Map<ClientId, () => void>();

/** Takes the replica's lock for as long as the tab lives. Without Web Locks nothing is ever adopted. */
function takeLock(clientId: ClientId): Promise<boolean> {
  // Absent outside secure contexts, whatever the type says.
  const locks = navigator.locks as LockManager | undefined;
  if (locks === undefined) return Promise.resolve(false);
  return new Promise((resolve) => {
    void locks.request(`concord:${clientId}`, { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      if (lock === null) return undefined;
      return new Promise<void>((release) => releases.set(clientId, release));
    });
  });
}

function releaseLock(clientId: ClientId): void {
  releases.get(clientId)?.();
  releases.delete(clientId);
}
