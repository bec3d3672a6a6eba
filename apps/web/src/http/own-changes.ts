/**
 * Optimistic changes of documents, so that no list shows a state from before them. A response to a request that was
 * sent before a change was done may lack it, whenever it arrives: such changes are overlaid on the response
 * (`withOwnChanges`), and a list that may lack documents because of them is refetched (`isOutdated`).
 */
import type { DocumentId, ListedDocument } from '@concord/protocol';
import type { LibraryPlace } from '../navigation/library-place.ts';

/** Changed fields of a listed document; null if it is deleted permanently, empty if it is new. */
export type ChangeOfListed = Partial<ListedDocument> | null;

/** Logical clock: incremented by every event of own changes. */
export type Moment = number;

export interface OwnChange {
  readonly id: DocumentId;
  readonly what: ChangeOfListed;
  readonly begunAt: Moment;
  /** Null while the change is pending. */
  readonly settledAt: Moment | null;
  /** The outcome is unknown: the change may have reached the server or not. */
  readonly hasFailed: boolean;
}

/** A list as received from the server. */
export interface ReadList {
  readonly documents: readonly ListedDocument[];
  readonly askedAt: Moment;
  readonly answeredAt: Moment;
}

export class OwnChanges {
  #now: Moment = 0;
  #changes: readonly OwnChange[] = [];
  readonly #listeners = new Set<() => void>();
  readonly #settledListeners = new Set<() => void>();

  get now(): Moment {
    return this.#now;
  }

  /** All changes that a pending or displayed response may lack, oldest first. */
  readonly snapshot = (): readonly OwnChange[] => this.#changes;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** Called when a change is answered or has timed out. Returns the unsubscribe function. */
  readonly whenSettled = (listener: () => void): (() => void) => {
    this.#settledListeners.add(listener);
    return () => void this.#settledListeners.delete(listener);
  };

  /** Resolves or rejects as `work` does. */
  async make<T>(id: DocumentId, what: ChangeOfListed, work: () => Promise<T>): Promise<T> {
    this.#now += 1;
    const begun: OwnChange = { id, what, begunAt: this.#now, settledAt: null, hasFailed: false };
    this.#show([...this.#changes, begun]);
    try {
      const result = await work();
      this.#settle(begun, false);
      return result;
    } catch (error) {
      this.#settle(begun, true);
      throw error;
    }
  }

  /** Drops settled changes from before `moment`: all displayed responses were requested at that moment or later. */
  forgetSettledBefore(moment: Moment): void {
    const kept = this.#changes.filter(({ settledAt }) => settledAt === null || settledAt > moment);
    if (kept.length < this.#changes.length) this.#show(kept);
  }

  #settle(begun: OwnChange, hasFailed: boolean): void {
    this.#now += 1;
    const settled: OwnChange = { ...begun, settledAt: this.#now, hasFailed };
    // Without a subscribed list there is no response that could lack the change.
    const isListed = this.#listeners.size > 0;
    this.#show(
      isListed
        ? this.#changes.map((each) => (each.begunAt === begun.begunAt ? settled : each))
        : this.#changes.filter((each) => each.begunAt !== begun.begunAt),
    );
    for (const listener of this.#settledListeners) listener();
  }

  #show(changes: readonly OwnChange[]): void {
    this.#changes = changes;
    for (const listener of this.#listeners) listener();
  }
}

/** The own changes of this page. */
export const ownChanges = new OwnChanges();

/** The changes that a response requested at `askedAt` may lack. */
export function changesSince(changes: readonly OwnChange[], askedAt: Moment): readonly OwnChange[] {
  return changes.filter(({ settledAt }) => settledAt === null || settledAt > askedAt);
}

export const isPending = ({ settledAt }: OwnChange): boolean => settledAt === null;

/** Overlays changes on the documents of a place. Documents that enter the place by a change are not added. */
export function withOwnChanges(
  documents: readonly ListedDocument[],
  changes: readonly OwnChange[],
  { view, folder }: Pick<LibraryPlace, 'view' | 'folder'>,
): readonly ListedDocument[] {
  const changed = new Map<DocumentId, ChangeOfListed>();
  for (const { id, what, hasFailed } of changes) {
    if (hasFailed) continue;
    const former = changed.get(id);
    changed.set(id, what === null || former === null ? null : { ...former, ...what });
  }
  if (changed.size === 0) return documents;
  return documents.flatMap((document) => {
    const what = changed.get(document.id);
    if (what === undefined) return [document];
    if (what === null) return [];
    const after = { ...document, ...what };
    // An unstarred document stays in the view of starred ones until the next visit, so that a slip can be undone there.
    const isHere =
      (view === 'trash') === (after.trashedAt !== null) &&
      (folder === null || after.folder === folder);
    return isHere ? [after] : [];
  });
}

/** Whether the list may lack a document because of pending or settled changes. */
export function mayLack(
  { documents, askedAt, answeredAt }: ReadList,
  changes: readonly OwnChange[],
): boolean {
  const named = new Set(documents.map(({ id }) => id));
  return changesSince(changes, askedAt).some(
    ({ id, begunAt, hasFailed }) => hasFailed || begunAt <= answeredAt || !named.has(id),
  );
}

/** Whether the list must be refetched: it may lack a document, and no change is pending. */
export function isOutdated(list: ReadList, changes: readonly OwnChange[]): boolean {
  return mayLack(list, changes) && !changes.some(isPending);
}
