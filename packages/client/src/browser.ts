/** For the page: the queue in IndexedDB, shared by all tabs of a browser (A8; tabs/shared-document-client.ts). */
import { randomClientId, type ClientId, type DocumentId } from '@concord/protocol';
import { DeviceDatabase } from './adapters/device-database.ts';
import { HttpSnapshotSource } from './adapters/http-snapshot.ts';
import { IndexedDbQueueStore } from './adapters/indexed-db-queue-store.ts';
import { isOwed, KeptDocuments } from './adapters/kept-documents.ts';
import { socketIoTransport } from './adapters/socket-io-transport.ts';
import { newReplica, RunningDocumentClient } from './document-client.ts';
import type { Credentials, DocumentServer } from './ports.ts';
import type { Replica } from './replica.ts';
import { leadLock } from './tabs/lead-lock.ts';
import { SharedDocumentClient } from './tabs/shared-document-client.ts';
import { TabChannel } from './tabs/tab-channel.ts';

export type { KeepingLimits, KeptDocument, KeptUndo } from './adapters/kept-documents.ts';
export type { SharedDocumentClient } from './tabs/shared-document-client.ts';

export { ServerRefusedError, type DocumentServer } from './ports.ts';

/** How the page reaches its server as the one who writes. */
export interface Access {
  /** Of an account; guests are known by their cookie. */
  readonly credentials?: Credentials;
  readonly server: DocumentServer;
}

export interface OpenDocumentOptions extends Access {
  readonly documentId: DocumentId;
  /** Who writes: queues of others on this device are left alone. Null when that is not known yet. */
  readonly userId: string | null;
  /** Begun here, with an id made here: the server gets it when there is a connection. */
  readonly isNew?: boolean;
}

const device = new DeviceDatabase();
const queueStore = new IndexedDbQueueStore(device);

/** What this device keeps, for lists and for the editor. */
export const keptDocuments = new KeptDocuments(device, queueStore);

/** Opens a document of the page's own server. */
export async function openDocument(options: OpenDocumentOptions): Promise<SharedDocumentClient> {
  const { documentId, userId } = options;
  const name = leadName(documentId, userId);
  let { isNew = false } = options;
  const shared = new SharedDocumentClient({
    name,
    lock: leadLock(name, device),
    isLookedAt: () => document.visibilityState === 'visible',
    lead: async (isOffline) => {
      const client = await run(options, await takeReplica(documentId, userId, isNew), isOffline);
      isNew = false;
      return client;
    },
  });
  const visibility = (): void => {
    if (document.visibilityState === 'visible') shared.wanted();
    else shared.suspend();
  };
  const gone = (): void => shared.pageGone();
  const looked = (): void => shared.wanted();
  const networkBack = (): void => shared.networkBack();
  document.addEventListener('visibilitychange', visibility);
  addEventListener('focus', looked);
  addEventListener('pageshow', looked);
  addEventListener('pagehide', gone);
  addEventListener('online', networkBack);
  const close = shared.close.bind(shared);
  shared.close = async () => {
    document.removeEventListener('visibilitychange', visibility);
    removeEventListener('focus', looked);
    removeEventListener('pageshow', looked);
    removeEventListener('pagehide', gone);
    removeEventListener('online', networkBack);
    await close();
  };
  if (userId !== null) void keptDocuments.used(documentId, userId).catch(() => undefined);
  await shared.start();
  return shared;
}

const leadName = (documentId: DocumentId, userId: string | null): string =>
  `concord:${documentId}:${userId ?? ''}`;

/** Runs a replica of which this tab is the only writer. */
async function run(
  { documentId, credentials, server }: Access & { readonly documentId: DocumentId },
  replica: Replica,
  isOffline: boolean,
): Promise<RunningDocumentClient> {
  // Without storage there is nobody to take it from.
  await queueStore.beginTerm(replica.clientId).catch(() => undefined);
  const client = new RunningDocumentClient({
    documentId,
    replica,
    queueStore,
    snapshots: new HttpSnapshotSource('', { credentials }),
    createTransport: socketIoTransport({ documentId, credentials }),
    server,
    isOffline: isOffline || !navigator.onLine,
  });
  client.on('status', (status) => {
    // Nothing is kept of a document that does not exist.
    const isNowhere = status.kind === 'stopped' && status.code === 'notFound';
    if (isNowhere && client.unsent === 0) void queueStore.remove(documentId, replica.clientId);
  });
  return client;
}

/** Continues what this device has of a document, best what has unsent edits; or begins anew. */
async function takeReplica(
  documentId: DocumentId,
  userId: string | null,
  isNew: boolean,
): Promise<Replica> {
  const own = await ownReplicas(documentId, userId).catch(() => []);
  for (const clientId of own) {
    const replica = await queueStore.load(documentId, clientId).catch(() => null);
    if (replica !== null) return replica;
  }
  return { ...newReplica(documentId, randomClientId(), userId), isNew };
}

/** Client ids of the person's replicas of a document; those with unsent edits first, then the newest. */
async function ownReplicas(
  documentId: DocumentId,
  userId: string | null,
): Promise<readonly ClientId[]> {
  const rows = (await queueStore.rows()).filter(
    (row) => row.documentId === documentId && (row.userId === null || row.userId === userId),
  );
  const rank = (row: (typeof rows)[number]): number => (isOwed(row) ? 1e12 : 0) + row.version;
  return rows.sort((a, b) => rank(b) - rank(a)).map((row) => row.clientId);
}

/** How many documents have edits on this device that the server does not have; 0 where nothing can be kept. */
export async function unsentDocuments(): Promise<number> {
  const rows = await queueStore.rows().catch(() => []);
  return new Set(rows.filter(isOwed).map(({ documentId }) => documentId)).size;
}

/** A queue that was left behind is given this long to be sent. */
const ORPHAN_MS = 60_000;

/**
 * Sends what closed tabs left behind, each queue under its own id, one after another. Documents that are open in
 * a tab are left to it. Resolves when nothing is left, or when it cannot be sent now.
 */
export async function sendOrphans(userId: string, access: Access): Promise<void> {
  const rows = (await queueStore.rows()).filter((row) => row.userId === userId && isOwed(row));
  for (const { documentId, clientId } of rows) {
    const lock = leadLock(leadName(documentId, userId), device);
    let isWanted = false;
    const channel = new TabChannel(leadName(documentId, userId), (message) => {
      isWanted ||= message.type === 'wanted';
    });
    const holder = { lost: () => (isWanted = true), mayForce: () => false };
    if (await lock.take('ifFree', holder)) {
      const replica = await queueStore.load(documentId, clientId).catch(() => null);
      if (replica !== null) {
        const client = await run({ documentId, ...access }, replica, false);
        await sent(client, () => isWanted);
        await client.close();
      }
      lock.release();
    }
    channel.close();
  }
}

/** Until everything is sent, another tab wants the document, or it takes too long. */
async function sent(client: RunningDocumentClient, isWanted: () => boolean): Promise<void> {
  const giveUpAt = Date.now() + ORPHAN_MS;
  const isSent = (): boolean => client.unsent === 0 && client.isTitleSaved && client.isOnServer;
  while (!isSent() && !isWanted() && client.status.kind !== 'stopped' && Date.now() < giveUpAt) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
