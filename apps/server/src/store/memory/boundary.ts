/** Boundary between the memory store and its callers: copies, atomic writes, a full disk, and closing. */
import type { KeptWrite } from '../ports/account-store.ts';
import { needsRoom, type WriteName } from '../ports/room-rule.ts';
import { StoreError, StoreFullError } from '../ports/store.ts';
import { keepAnswer } from './kept-answers.ts';
import type { MemoryState } from './memory-state.ts';

type Promised<G extends unknown[], A> = (...given: G) => Promise<A>;
type Method<G extends unknown[], A> = (...given: G) => A;
type Kept = KeptWrite | null | undefined;

/** Makes methods of the port from functions over the state, with copies, so that no objects are shared. */
export interface Boundary {
  readonly read: <G extends unknown[], A>(method: Method<G, A>) => Promised<G, A>;
  /**
   * An atomic write. Rejects with {@link StoreFullError} while the disk is full, unless the rule
   * of the port says that the write needs no space.
   */
  readonly write: <G extends unknown[], A>(name: WriteName, method: Method<G, A>) => Promised<G, A>;
  /** As {@link write}, for data derived from the texts, which has disk space of its own. */
  readonly writeDerived: <G extends unknown[], A>(method: Method<G, A>) => Promised<G, A>;
  /** As {@link write}, at once, for a write with an answer to be kept with it; null for none. */
  readonly writeKeeping: <G extends unknown[], A>(
    name: WriteName,
    method: Method<G, A>,
    given: readonly [...G],
    kept: Kept,
  ) => Promise<A>;
}

export interface Surroundings {
  readonly isClosed: () => boolean;
  readonly isFull: () => boolean;
}

export function boundaryOf(state: MemoryState, { isClosed, isFull }: Surroundings): Boundary {
  const requireOpen = (): void => {
    if (isClosed()) throw new StoreError('The store is closed.', false);
  };
  const written = <G extends unknown[], A>(
    method: Method<G, A>,
    given: readonly [...G],
    kept: KeptWrite | null,
  ): A => {
    requireOpen();
    const [own, ownKept] = structuredClone([given, kept] as const);
    const answer = state.journal.atomically(() => {
      const value = method(...own);
      if (ownKept !== null && value !== false) keepAnswer(state, ownKept.key, ownKept.answer);
      return value;
    });
    return structuredClone(answer);
  };
  const writeKeeping: Boundary['writeKeeping'] = async (name, method, given, kept = null) => {
    if (isFull() && (needsRoom(name) || kept !== null)) throw new StoreFullError();
    return written(method, given, kept);
  };
  return {
    read:
      (method) =>
      async (...given) => {
        requireOpen();
        return structuredClone(method(...given));
      },
    write:
      (name, method) =>
      (...given) =>
        writeKeeping(name, method, given, null),
    writeDerived:
      (method) =>
      async (...given) =>
        written(method, given, null),
    writeKeeping,
  };
}
