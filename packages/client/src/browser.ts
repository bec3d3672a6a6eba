/** For the page: the queue in IndexedDB, shared by all tabs of a browser (device first; tabs/shared-document-client.ts). */
import {
  documentIdSchema,
  randomClientId,
  type ClientId,
  type DocumentId,
  type Role,
} from '@concord/protocol';
import { DeviceDatabase, type ReplicaRow } from './adapters/device-database.ts';
import { HttpSnapshotSource } from './adapters/http-snapshot.ts';
import { IndexedDbQueueStore } from './adapters/indexed-db-queue-store.ts';
import { isOwed, KeptDocuments } from './adapters/kept-documents.ts';
import { socketIoTransport } from './adapters/socket-io-transport.ts';
import { TransportChoice, type ChoiceMemory } from './adapters/transport-choice.ts';
import { RunningDocumentClient, type DocumentClientOptions } from './document-client.ts';
import { mayWrite } from './core/may-write.ts';
import { branchesOf, mergeCopy } from './core/merge-copy.ts';
import { newReplica } from './core/new-replica.ts';
import type { DocumentStatus, EditRefused } from './document-client-api.ts';
import { followView } from './document-view.ts';
import { inTime } from './in-time.ts';
import { ServerRefusedError, type Credentials, type DocumentServer } from './ports.ts';
import { OwnReplicas } from './own-replicas.ts';
import { bufferOf, type Replica } from './core/replica.ts';
import { heldNames, leadLock } from './tabs/browser-lock.ts';
import type { Led, MergeCopyOptions, MergedCopy } from './tabs/shared-document-options.ts';
import { SharedDocumentClient } from './tabs/shared-document-client.ts';
import { TabChannel } from './tabs/tab-channel.ts';
import { WatchedQueueStore } from './tabs/watched-queue-store.ts';

export type { KeepingLimits, KeptDocument, KeptUndo } from './adapters/kept-documents.ts';
export type { SharedDocumentClient } from './tabs/shared-document-client.ts';

export { QueueStoreError, ServerRefusedError, type DocumentServer } from './ports.ts';

/** How the page reaches its server as the one who writes. */
export interface Access {
  /** Of an account; guests are known by their cookie. */
  readonly credentials?: Credentials | undefined;
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
/** Storage may be blocked: then nothing is remembered. */
const choiceMemory: ChoiceMemory = {
  get: (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  },
  set: (key, value) => {
    try {
      localStorage.setItem(key, value);
    } catch {
      // Found out again by the next page.
    }
  },
};
let transportChoice: TransportChoice | undefined;
const queueStore = new IndexedDbQueueStore(device);
const ownReplicas = new OwnReplicas(queueStore);

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
    lead: async (former) => {
      const { replica, isWithoutDevice } = await ownReplicas.take(documentId, userId, isNew);
      const led = run(options, replica, { former, isWithoutDevice });
      isNew = false;
      if (userId !== null) void sendOthers(shared, replica.clientId, { ...options, userId });
      return led;
    },
    mergeCopy: (led, now) => mergeIntoServers(options, led, now),
  });
  const stopListening = listenToPage(shared);
  const close = shared.close.bind(shared);
  shared.close = async () => {
    await close();
    stopListening();
    stopFollowing();
  };
  const used = (): void => {
    if (userId !== null) void keptDocuments.used(documentId, userId).catch(() => undefined);
  };
  const stopFollowing = device.onTakenAway(() => {
    shared.storageLost();
    used();
  });
  used();
  await shared.start();
  return shared;
}

/** Returns the function that stops it. */
function listenToPage(shared: SharedDocumentClient): () => void {
  const listening = new AbortController();
  const { signal } = listening;
  const looked = (): void => shared.wanted();
  const visibility = (): void => {
    if (document.visibilityState === 'visible') shared.wanted();
    else shared.suspend();
  };
  document.addEventListener('visibilitychange', visibility, { signal });
  addEventListener('focus', looked, { signal });
  addEventListener('pageshow', looked, { signal });
  // Before the lead is let go of: the next tab reads what is written here.
  addEventListener('pagehide', () => shared.pageGone(), { signal, capture: true });
  addEventListener('online', () => shared.networkBack(), { signal });
  addEventListener('offline', () => shared.networkGone(), { signal });
  return () => listening.abort();
}

const leadName = (documentId: DocumentId, userId: string | null): string =>
  `concord:${documentId}:${userId ?? ''}`;

/** Runs a replica of which this tab is the only writer. */
function run(
  { documentId, credentials, server }: Access & { readonly documentId: DocumentId },
  replica: Replica,
  begun: Pick<DocumentClientOptions, 'former' | 'isWithoutDevice'> = {},
): Led {
  const watched = new WatchedQueueStore(queueStore, replica);
  const client = new RunningDocumentClient({
    documentId,
    replica,
    queueStore: watched,
    snapshots: new HttpSnapshotSource('', { credentials }),
    createTransport: socketIoTransport({
      documentId,
      credentials,
      choice: (transportChoice ??= new TransportChoice(choiceMemory)),
    }),
    server,
    ...begun,
  });
  if (!navigator.onLine) client.networkGone();
  const statusChanged = (status: DocumentStatus): void => {
    // Nothing is kept of a document that does not exist.
    const isNowhere = status.kind === 'stopped' && status.code === 'notFound';
    // Text may be gone from a server that was restored: then this is the only copy.
    if (isNowhere && client.view.unsent === 0 && client.text === '')
      void queueStore.remove(documentId, replica.clientId);
  };
  followView(client, ({ status }) => status, statusChanged);
  return { client, kept: () => watched.kept };
}

/**
 * Goes on with a new replica of the server's text, into which that of a former history is merged. That one leaves the
 * device only when the new one is there. Rejects, with nothing changed, when the server's text cannot be had.
 */
async function mergeIntoServers(
  options: OpenDocumentOptions,
  former: Led,
  { role, isDiscarded = false }: MergeCopyOptions,
): Promise<MergedCopy> {
  const { documentId, credentials } = options;
  // As it is now: what another copy brought in a moment ago must not come twice.
  const server = await new HttpSnapshotSource('', { credentials }).newest(documentId);
  await former.client.close();
  const kept = former.client.replica;
  const copy = { ...kept, role: role ?? kept.role };
  const clientId = randomClientId();
  await ownReplicas.beginTerm(clientId).catch(() => undefined);
  const isMerged = !isDiscarded && mayWrite(copy.role);
  const replica = mergeCopy(copy, server, clientId, isMerged);
  const saved = queueStore.save(replica, 'strict').then(
    () => true,
    () => false,
  );
  const isKept = await inTime(saved, SAVE_MS, false);
  if (isKept) await queueStore.remove(documentId, copy.clientId).catch(() => undefined);
  const merge = branchesOf(server.text, bufferOf(copy).visible);
  return { led: run(options, replica), server: server.text, merge: isMerged ? merge : null };
}

/** A copy that was merged is written before the former one is removed; a device that does not answer keeps both. */
const SAVE_MS = 4_000;

/** How many documents have edits on this device that the server does not have; 0 where nothing can be kept. */
export async function unsentDocuments(): Promise<number> {
  const rows = await queueStore.rows().catch(() => []);
  return new Set(rows.filter(isOwed).map(({ documentId }) => documentId)).size;
}

/** Documents that some tab of this browser has open. Rejects with QueueStoreError when that cannot be known. */
export async function openDocumentIds(): Promise<ReadonlySet<DocumentId>> {
  const names = await heldNames(device);
  const ids = names.map((name) => /^concord:([^:]+):/.exec(name)?.[1]);
  return new Set(ids.flatMap((id) => documentIdSchema.safeParse(id).data ?? []));
}

/** A queue that was left behind is given this long to be sent. */
const LEFT_BEHIND_MS = 60_000;

/** An edit of a queue that was left behind would not be committed, and its author may have to be told. */
export type LeftBehindRefused = (documentId: DocumentId, refused: EditRefused) => void;

/**
 * Sends what closed tabs left behind, each queue under its own id, one after another. Documents that are open in
 * a tab are left to it. Resolves when nothing is left, or when it cannot be sent now. Rejects with QueueStoreError.
 */
export async function sendOrphans(
  userId: string,
  access: Access,
  refused?: LeftBehindRefused,
): Promise<void> {
  const rows = (await queueStore.rows()).filter((row) => row.userId === userId && isOwed(row));
  for (const { documentId, clientId } of rows) {
    await whileNobodyLeads(documentId, userId, async (isWanted) => {
      const giveUpAt = Date.now() + LEFT_BEHIND_MS;
      const isOver = (): boolean => isWanted() || Date.now() > giveUpAt;
      await sendLeftBehind(documentId, clientId, access, isOver, refused);
    });
  }
}

/**
 * Works on a document's replicas as the only one in this browser; does nothing when a tab has it open.
 * @param work ends soon when somebody wants to open it
 */
async function whileNobodyLeads(
  documentId: DocumentId,
  userId: string,
  work: (isWanted: () => boolean) => Promise<void>,
): Promise<void> {
  const name = leadName(documentId, userId);
  const lock = leadLock(name, device);
  let isWanted = false;
  const channel = new TabChannel(name, (message) => {
    isWanted ||= message.type === 'requestLead';
  });
  const holder = { lost: () => (isWanted = true), mayForce: () => false };
  const isHad = await lock.take('ifFree', holder).catch(() => false);
  try {
    if (isHad) await work(() => isWanted);
  } finally {
    lock.release();
    // To tabs that were opened meanwhile and mirror: there is nobody to mirror any more.
    if (isHad) channel.post({ type: 'leaderLeft' });
    channel.close();
  }
}

/** What a list says of a document, and of the one who reads the list. */
export interface ListedOnServer {
  readonly id: DocumentId;
  readonly version: number;
  readonly title: string;
  readonly role: Role;
}

/**
 * Puts a document on this device as it is on the server, without joining it: nobody sees anybody there. What is
 * open in a tab is on the device; what has edits that the server does not have stays as it is, and so does a text of
 * a history that the server does not have: it may be the only copy. Rejects with ServerRefusedError, QueueStoreError,
 * and with others when the server cannot be reached.
 */
export async function putOnDevice(
  { id: documentId, version: atLeast, title, role }: ListedOnServer,
  userId: string,
  { credentials }: Access,
): Promise<void> {
  const snapshots = new HttpSnapshotSource('', { credentials });
  const ownRows = async (): Promise<readonly ReplicaRow[]> =>
    (await queueStore.rows()).filter(
      (row) => row.documentId === documentId && row.userId === userId,
    );
  const known = newestOf(await ownRows());
  const { version: knownVersion = 0, head: knownHead = null } = known ?? {};
  const proof = knownHead === null ? null : { version: knownVersion, ...knownHead };
  const snapshot = await snapshots.fetch(documentId, atLeast, null, proof);
  const { version, text: confirmed, head, historyId } = snapshot;
  if (knownVersion > 0 && (known?.historyId ?? historyId) !== historyId) {
    const detail = 'What this device has is of a former history of the server. It stays as it is.';
    throw new ServerRefusedError('otherHistory', detail);
  }
  await whileNobodyLeads(documentId, userId, async () => {
    const former = await ownRows();
    if (former.some((row) => isOwed(row) || row.version >= version)) return;
    const clientId = randomClientId();
    await ownReplicas.beginTerm(clientId);
    const replica = newReplica(documentId, clientId, userId);
    const read = { ...replica, opened: true, role, title, version, head, historyId, confirmed };
    await queueStore.save(read, 'strict');
    for (const row of former) await queueStore.remove(documentId, row.clientId);
  });
}

function newestOf(rows: readonly ReplicaRow[]): ReplicaRow | null {
  return rows.reduce<ReplicaRow | null>(
    (newest, row) => (newest === null || row.version > newest.version ? row : newest),
    null,
  );
}

/** Other queues of the document that `shared` leads: of tabs that could not share one, or could not read it. */
async function sendOthers(
  shared: SharedDocumentClient,
  own: ClientId,
  options: OpenDocumentOptions & { readonly userId: string },
): Promise<void> {
  const { documentId, userId } = options;
  const rows = await queueStore.rows().catch(() => []);
  for (const row of rows) {
    const isOther = row.documentId === documentId && row.userId === userId && row.clientId !== own;
    if (!isOther || !isOwed(row)) continue;
    await sendLeftBehind(documentId, row.clientId, options, () => !shared.isLeading);
  }
}

/** Runs a queue until all of it is sent, it cannot be sent, or it is over for another reason. */
async function sendLeftBehind(
  documentId: DocumentId,
  clientId: ClientId,
  access: Access,
  isOver: () => boolean,
  refused?: LeftBehindRefused,
): Promise<void> {
  const replica = await ownReplicas.takeOver(documentId, clientId).catch(() => null);
  if (replica === null) return;
  const { client } = run({ documentId, ...access }, replica);
  if (refused !== undefined) client.on('refused', (edit) => refused(documentId, edit));
  const isDone = (): boolean => {
    const { unsent, isTitleSaved, isOnServer, status } = client.view;
    return (unsent === 0 && isTitleSaved && isOnServer) || status.kind === 'stopped';
  };
  while (!isDone() && !isOver()) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await client.close();
}
