/**
 * The feed by which the servers of one installation tell each other what happened. It carries text and does not look
 * into it. Entries have one order, the same for every follower, and a follower is told when some may be missing: it is
 * for speed, and each follower must be able to look by itself (docs/cluster.md, Events).
 */

/** What one server tells at a time. */
export interface FeedEntry {
  /** Names the process that wrote it. */
  readonly origin: string;
  /** Each one event, in the order in which they were published. */
  readonly events: readonly string[];
  /** Whether its origin gave up events before these, because too many waited. */
  readonly hasGap: boolean;
}

export interface FeedFollower {
  /** The next entry, of any writer; no other is given until the promise is settled. Must not throw or reject. */
  entry(entry: FeedEntry): Promise<void>;
  /** Entries before the next one may be missing. Called when following begins as well. */
  missed(): void;
  /** The feed cannot be read now; it is tried again by itself. */
  failed(error: unknown): void;
}

export interface EventFeed {
  /**
   * Appends an entry. Resolves when every follower will get it or be told that it missed some. Rejects with StoreError;
   * whether it was written is not known then, and it may be appended again.
   */
  append(entry: FeedEntry): Promise<void>;
  /**
   * Gives all entries from some moment soon after the call on. Returns the function that ends it, which resolves when
   * nothing more is given.
   */
  follow(follower: FeedFollower): () => Promise<void>;
}
