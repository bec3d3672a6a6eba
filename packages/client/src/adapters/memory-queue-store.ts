/** Keeps replicas in memory: for programs, tests, and browsers that block storage. */
import type { ClientId, DocumentId } from '@concord/protocol';
import type { QueueStore } from '../ports.ts';
import type { Replica } from '../core/replica.ts';

export class MemoryQueueStore implements QueueStore {
  readonly #replicas = new Map<ClientId, Replica>();

  load(documentId: DocumentId, clientId: ClientId): Promise<Replica | null> {
    const replica = this.#replicas.get(clientId);
    return Promise.resolve(replica?.documentId === documentId ? replica : null);
  }

  save(replica: Replica): Promise<void> {
    this.#replicas.set(replica.clientId, replica);
    return Promise.resolve();
  }

  list(documentId: DocumentId): Promise<readonly ClientId[]> {
    const replicas = [...this.#replicas.values()];
    return Promise.resolve(
      replicas.filter((replica) => replica.documentId === documentId).map((r) => r.clientId),
    );
  }

  remove(_documentId: DocumentId, clientId: ClientId): Promise<void> {
    this.#replicas.delete(clientId);
    return Promise.resolve();
  }
}
