/**
 * Changes of documents that this page asked the server for, so that no list shows a state from before them. An
 * answer that was asked for before a change was done may be without it, whenever it arrives: such changes are shown
 * over the answer (`withOwnChanges`), and what a list lacks because of them is read again (`isOutdated`).
 */
import type { DocumentId, ListedDocument } from '@concord/protocol';
import type { LibraryPlace } from '../navigation/library-place.ts';

/** What becomes of a listed document; null for one that is deleted for good, empty for one that is new. */
export type ChangeOfListed = Partial<ListedDocument> | null;

/** A number that grows with everything that happens to own changes. */
export type Moment = number;

export interface OwnChange {
  readonly id: DocumentId;
  readonly what: ChangeOfListed;
  readonly begunAt: Moment;
  /** Null while the server has not answered. */
  readonly settledAt: Moment | null;
  /** Nothing is known of it then: it may have reached the server or not. */
  readonly hasFailed: boolean;
}

/** A list as the server gave it. */
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

  /** All that an answer on its way, or shown, may be without; oldest first. */
  readonly snapshot = (): readonly OwnChange[] => this.#changes;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** Told whenever the server has answered a change, or did not in time. Returns the function that stops it. */
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

  /** Whatever is shown from now on was asked for at this moment or later. */
  forgetSettledBefore(moment: Moment): void {
    const kept = this.#changes.filter(({ settledAt }) => settledAt === null || settledAt > moment);
    if (kept.length < this.#changes.length) this.#show(kept);
  }

  #settle(begun: OwnChange, hasFailed: boolean): void {
    this.#now += 1;
    const settled: OwnChange = { ...begun, settledAt: this.#now, hasFailed };
    // While nothing is listed there is nothing that it could be missing in.
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

/** Those of this page. */
export const ownChanges = new OwnChanges();

/** Those that an answer may be without. */
export function changesSince(changes: readonly OwnChange[], askedAt: Moment): readonly OwnChange[] {
  return changes.filter(({ settledAt }) => settledAt === null || settledAt > askedAt);
}

export const isPending = ({ settledAt }: OwnChange): boolean => settledAt === null;

/** The documents of a place after the changes. A document that came into the place by one is not added. */
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
    // Without its star it stays among the stars until one leaves: a slip is taken back with the same button.
    const isHere =
      (view === 'trash') === (after.trashedAt !== null) &&
      (folder === null || after.folder === folder);
    return isHere ? [after] : [];
  });
}

/** Whether the list may lack a document because of changes, on their way or done. */
export function mayLack(
  { documents, askedAt, answeredAt }: ReadList,
  changes: readonly OwnChange[],
): boolean {
  const named = new Set(documents.map(({ id }) => id));
  return changesSince(changes, askedAt).some(
    ({ id, begunAt, hasFailed }) => hasFailed || begunAt <= answeredAt || !named.has(id),
  );
}

/** Whether the list is to be read again: it may lack something, and all that was on its way is done. */
export function isOutdated(list: ReadList, changes: readonly OwnChange[]): boolean {
  return mayLack(list, changes) && !changes.some(isPending);
}
