/** A person's replicas on this device, and which tab may write them. */
import { randomClientId, type ClientId, type DocumentId } from '@concord/protocol';
import type { IndexedDbQueueStore } from './adapters/indexed-db-queue-store.ts';
import { isOwed } from './adapters/kept-documents.ts';
import { newReplica } from './core/new-replica.ts';
import { bufferOf, type Replica } from './core/replica.ts';
import { replicaToOpen, type FoundReplica, type ReplicaToOpen } from './core/replica-to-open.ts';
import { NoAnswerError } from './ports.ts';

export class OwnReplicas {
  readonly #queueStore: IndexedDbQueueStore;

  constructor(queueStore: IndexedDbQueueStore) {
    this.#queueStore = queueStore;
  }

  /** Takes over a stored replica of a document, preferably one with unsent edits; else creates a new one. */
  async take(
    documentId: DocumentId,
    userId: string | null,
    isNew: boolean,
  ): Promise<ReplicaToOpen> {
    const fresh = { ...newReplica(documentId, randomClientId(), userId), isNew };
    const opened = replicaToOpen(await this.#find(documentId, userId), fresh);
    if (opened.replica === fresh) await this.beginTerm(fresh.clientId).catch(() => undefined);
    return opened;
  }

  async #find(documentId: DocumentId, userId: string | null): Promise<FoundReplica> {
    let keptId: ClientId | null = null;
    try {
      for (keptId of await this.#clientIds(documentId, userId)) {
        const replica = await this.takeOver(documentId, keptId);
        if (replica !== null) return { isAnswered: true, replica, keptId };
      }
      return { isAnswered: true, replica: null, keptId };
    } catch (error) {
      // Without storage a new replica is used, in memory; its failing writes show in the client's status.
      return { isAnswered: !(error instanceof NoAnswerError), replica: null, keptId };
    }
  }

  /**
   * Takes a stored replica over: raises its fencing token first, so that the former writer is refused and the row read
   * is the last one written. Null when there is none, or when it is unreadable. Rejects with NoAnswerError.
   */
  async takeOver(documentId: DocumentId, clientId: ClientId): Promise<Replica | null> {
    await this.beginTerm(clientId);
    try {
      const replica = await this.#queueStore.load(documentId, clientId);
      // Throws when the parts of the row are inconsistent.
      if (replica !== null) bufferOf(replica);
      return replica;
    } catch (error) {
      if (error instanceof NoAnswerError) throw error;
      return null;
    }
  }

  /** Raises the fencing token: from here on other tabs' writes are refused. Rejects with NoAnswerError. */
  async beginTerm(clientId: ClientId): Promise<void> {
    // Other failures are ignored: a full disk can still be read, and without storage there is no other writer.
    await this.#queueStore.beginTerm(clientId).catch((error: unknown) => {
      if (error instanceof NoAnswerError) throw error;
    });
  }

  /** Client ids of the person's replicas of a document: those with unsent edits first, then newest first. */
  async #clientIds(documentId: DocumentId, userId: string | null): Promise<readonly ClientId[]> {
    const rows = (await this.#queueStore.rows()).filter(
      (row) => row.documentId === documentId && (row.userId === null || row.userId === userId),
    );
    const rank = (row: (typeof rows)[number]): number => (isOwed(row) ? 1e12 : 0) + row.version;
    return rows.sort((a, b) => rank(b) - rank(a)).map((row) => row.clientId);
  }
}
