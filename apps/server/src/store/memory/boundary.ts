/** Between the memory store and its callers: copies, whole writes, a disk that may be full, and closing. */
import type { KeptAnswer } from '../ports/account-store.ts';
import { StoreError, StoreFullError } from '../ports/store.ts';
import { keepAnswer } from './kept-answers.ts';
import type { MemoryState } from './memory-state.ts';

type Promised<G extends unknown[], A> = (...given: G) => Promise<A>;
type Method<G extends unknown[], A> = (...given: G) => A;

/** Makes methods of the port from functions over the state. Neither side can change what the other one holds. */
export interface Boundary {
  readonly read: <G extends unknown[], A>(method: Method<G, A>) => Promised<G, A>;
  /** All of the write is done, or nothing. Rejects with {@link StoreFullError} while the disk is full. */
  readonly write: <G extends unknown[], A>(method: Method<G, A>) => Promised<G, A>;
  /** As {@link write}, also while the disk is full: what frees room, takes access away, or signs in to do so. */
  readonly writeAnyway: <G extends unknown[], A>(method: Method<G, A>) => Promised<G, A>;
}

export interface Surroundings {
  readonly isClosed: () => boolean;
  readonly isFull: () => boolean;
}

/** @param kept an answer that each write keeps, unless it answers false */
export function boundaryOf(
  state: MemoryState,
  { isClosed, isFull }: Surroundings,
  kept: { readonly key: string; readonly answer: KeptAnswer } | null,
): Boundary {
  const requireOpen = (): void => {
    if (isClosed()) throw new StoreError('The store is closed.', false);
  };
  const writing =
    (needsRoom: boolean) =>
    <G extends unknown[], A>(method: Method<G, A>): Promised<G, A> =>
    async (...given) => {
      requireOpen();
      if (needsRoom && isFull()) throw new StoreFullError();
      const own = structuredClone(given);
      const answer = state.journal.atomically(() => {
        const value = method(...own);
        if (kept !== null && value !== false) keepAnswer(state, kept.key, kept.answer);
        return value;
      });
      return structuredClone(answer);
    };
  return {
    read:
      (method) =>
      async (...given) => {
        requireOpen();
        return structuredClone(method(...given));
      },
    write: writing(true),
    // The answer that is kept with it needs room.
    writeAnyway: writing(kept !== null),
  };
}
