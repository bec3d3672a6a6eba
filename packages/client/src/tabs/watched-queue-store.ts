/** Tracks which state of a replica is stored: a tab that lost the lead reapplies the edits that were not. */
import type { Replica } from '../core/replica.ts';
import type { QueueStore } from '../ports.ts';

/** A queue store that remembers the last stored state of one replica. */
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

  /** The replica as last stored. */
  get kept(): Replica {
    return this.#kept;
  }

  async save(replica: Replica, durability: 'strict' | 'relaxed'): Promise<void> {
    await this.#store.save(replica, durability);
    this.#kept = replica;
  }
}
