/**
 * The view of an open document: where it is filled, and how it is followed. What decides about one attribute is in the
 * session; attributes that a tab combines with what was typed in it are in tabs/core/tab-view.ts, all others pass from
 * the tab that leads to those that mirror it as they are.
 */
import type { Person } from '@concord/protocol';
import { unsentEdits } from './core/buffer.ts';
import type { ClientSession } from './core/session.ts';
import { isSameStatus, statusOf } from './core/status.ts';
import type { DocumentClient, DocumentView } from './document-client-api.ts';

/** Of a document of which nothing is known yet. */
export const unknownView: DocumentView = {
  status: { kind: 'opening' },
  title: '',
  isTitleKnown: false,
  isTitleSaved: true,
  people: [],
  peopleTotal: 0,
  self: -1,
  role: null,
  version: 0,
  unsent: 0,
  isOnServer: true,
};

export const viewOf = (session: ClientSession): DocumentView => ({
  status: statusOf(session),
  title: session.title,
  isTitleKnown: session.isTitleKnown,
  isTitleSaved: session.isTitleSaved,
  people: session.people,
  peopleTotal: session.peopleTotal,
  self: session.self,
  role: session.role,
  version: session.buffer.version,
  unsent: unsentEdits(session.buffer),
  isOnServer: !session.isNew,
});

const attributes = Object.keys(unknownView) as readonly (keyof DocumentView)[];

/** @param told by another tab, whose build may know fewer attributes than this one, or others */
export function viewTold(told: Partial<DocumentView>): DocumentView {
  const known = attributes.filter((attribute) => told[attribute] !== undefined);
  return { ...unknownView, ...Object.fromEntries(known.map((each) => [each, told[each]])) };
}

/** The view without the counts that change with every key. */
export type SteadyView = Omit<DocumentView, 'version' | 'unsent'>;

const steady = attributes.filter((each) => each !== 'version' && each !== 'unsent');

/** The attributes of `view` that are not as in `former`, apart from the counts; null when there are none. */
export function newsOf(former: DocumentView, view: DocumentView): Partial<SteadyView> | null {
  const news = steady.filter((attribute) => view[attribute] !== former[attribute]);
  return news.length === 0 ? null : Object.fromEntries(news.map((each) => [each, view[each]]));
}

/** Calls the listener with what is selected of the view, now and whenever it is another; returns the function that stops it. */
export function followView<T>(
  client: Pick<DocumentClient, 'view' | 'subscribe'>,
  select: (view: DocumentView) => T,
  listener: (selected: T) => void,
): () => void {
  let selected = select(client.view);
  const stop = client.subscribe(() => {
    const former = selected;
    selected = select(client.view);
    if (selected !== former) listener(selected);
  });
  listener(selected);
  return stop;
}

/** Keeps the view the same object until something of it changes, and tells listeners when it is another. */
export class ViewStore {
  readonly #read: () => DocumentView;
  readonly #listeners = new Set<() => void>();
  #latest: DocumentView;
  #view: DocumentView;
  #told: DocumentView;

  /** @param read the view as it is now; the same object only if nothing has changed */
  constructor(read: () => DocumentView) {
    this.#read = read;
    this.#latest = read();
    this.#view = this.#latest;
    this.#told = this.#latest;
  }

  get view(): DocumentView {
    const latest = this.#read();
    if (latest !== this.#latest) this.#view = renewed(this.#view, latest);
    this.#latest = latest;
    return this.#view;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** To be called after each step: tells listeners if the view is not the one that they were told of last. */
  tell(): void {
    const { view } = this;
    if (view === this.#told) return;
    this.#told = view;
    for (const listener of this.#listeners) listener();
  }
}

/** `next`, with what is the same as in `former` taken from there. An attribute that is an object may be made anew. */
function renewed(former: DocumentView, next: DocumentView): DocumentView {
  const status = isSameStatus(former.status, next.status) ? former.status : next.status;
  const people = isSamePeople(former.people, next.people) ? former.people : next.people;
  const view = { ...next, status, people };
  return attributes.every((each) => view[each] === former[each]) ? former : view;
}

const isSamePeople = (a: readonly Person[], b: readonly Person[]): boolean =>
  a === b || (a.length === b.length && JSON.stringify(a) === JSON.stringify(b));
