/** The feed of events in memory: for several servers in one process, in tests. */
import type { EventFeed, FeedEntry, FeedFollower } from '../ports/event-feed.ts';
import { StoreError } from '../ports/store.ts';

interface Following {
  readonly follower: FeedFollower;
  /** Resolves when everything before was given. */
  given: Promise<void>;
  isCut: boolean;
  isStopped: boolean;
}

export class MemoryEventFeed implements EventFeed {
  readonly #followings = new Set<Following>();
  /** Everything that was appended. */
  readonly entries: FeedEntry[] = [];
  #isDown = false;

  async append(entry: FeedEntry): Promise<void> {
    if (this.#isDown) throw new StoreError('The feed is down.', false);
    this.entries.push(entry);
    for (const following of this.#followings) {
      if (!following.isCut) this.#give(following, () => following.follower.entry(entry));
    }
  }

  follow(follower: FeedFollower): () => Promise<void> {
    const following = { follower, given: Promise.resolve(), isCut: false, isStopped: false };
    this.#followings.add(following);
    this.#give(following, async () => follower.missed());
    return async () => {
      following.isStopped = true;
      this.#followings.delete(following);
      await following.given;
    };
  }

  /** Simulates a database that takes no entries, or takes some again. */
  setDown(isDown: boolean): void {
    this.#isDown = isDown;
  }

  /** From now on those who follow get nothing, and are told nothing. */
  cut(): void {
    for (const following of this.#followings) following.isCut = true;
  }

  /** Those who follow get entries again, and are told that they missed some. */
  mend(): void {
    for (const following of this.#followings) {
      following.isCut = false;
      this.#give(following, async () => following.follower.missed());
    }
  }

  #give(following: Following, give: () => Promise<void>): void {
    following.given = following.given.then(() => (following.isStopped ? undefined : give()));
  }
}
