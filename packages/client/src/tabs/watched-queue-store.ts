/** The device, with a memory of what it has: a tab whose lead was taken over types the rest anew. */
import type { Replica } from '../core/replica.ts';
import type { QueueStore } from '../ports.ts';

/** A queue store that remembers what it has of one replica. */
export class WatchedQueueStore implements QueueStore {
  readonly load: QueueStore['load'];
  readonly list: QueueStore['list'];
  readonly remove: QueueStore['remove'];
  readonly #store: QueueStore;
  #kept: Replica;

  /** @param replica as it was loaded, or a new one that no other tab knows */
  constructor(store: QueueStore, replica: Replica) {
    this.#store = store;
    this.#kept = replica;
    this.load = store.load.bind(store);
    this.list = store.list.bind(store);
    this.remove = store.remove.bind(store);
  }

  /** As the device has it. */
  get kept(): Replica {
    return this.#kept;
  }

  async save(replica: Replica, durability: 'strict' | 'relaxed'): Promise<void> {
    await this.#store.save(replica, durability);
    this.#kept = replica;
  }
}
