/** Tells what a tab shows: changes of the text in their order, and of everything else what is news. */
import type { Person, Role } from '@concord/protocol';
import type { DocumentClientEvents, DocumentStatus, VisibleCaret } from '../document-client-api.ts';
import { noListeners } from '../listeners.ts';
import { isSameStatus } from '../core/status.ts';

/** What a tab shows besides the text. */
export interface Shown {
  readonly status: DocumentStatus;
  readonly title: string;
  readonly isTitleSaved: boolean;
  readonly people: readonly Person[];
  readonly peopleTotal: number;
  readonly self: number;
  readonly role: Role | null;
  readonly carets: readonly VisibleCaret[];
}

export class TabEvents {
  readonly #listeners = noListeners();
  readonly #waiting: (() => void)[] = [];
  #isTelling = false;
  #told: Shown;
  /** Somebody listens who was not told yet. */
  readonly #untold = new Set<keyof DocumentClientEvents>();

  /** @param shown as it is before anything was told */
  constructor(shown: Shown) {
    this.#told = shown;
  }

  on<E extends keyof DocumentClientEvents>(
    event: E,
    listener: DocumentClientEvents[E],
  ): () => void {
    this.#listeners[event].add(listener);
    this.#untold.add(event);
    return () => void this.#listeners[event].delete(listener);
  }

  /** Listeners that edit from inside an event cause events: all are told of the former one first. */
  emit<E extends keyof DocumentClientEvents>(
    event: E,
    ...told: Parameters<DocumentClientEvents[E]>
  ): void {
    this.#waiting.push(() => {
      const listeners: ReadonlySet<(...told: Parameters<DocumentClientEvents[E]>) => void> = this
        .#listeners[event] as never;
      for (const listener of listeners) listener(...told);
    });
    if (this.#isTelling) return;
    this.#isTelling = true;
    try {
      for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) next();
    } finally {
      this.#isTelling = false;
    }
  }

  /** Tells what is not as it was when this was called last, or has a new listener. */
  tell(shown: Shown): void {
    const told = this.#told;
    this.#told = shown;
    const untold = new Set(this.#untold);
    this.#untold.clear();
    const { status, title, isTitleSaved, people, self, role, carets } = shown;
    const isTitleNews = title !== told.title || isTitleSaved !== told.isTitleSaved;
    const hasCarets = carets.length > 0 || told.carets.length > 0;
    if (!isSameStatus(status, told.status) || untold.has('status')) this.emit('status', status);
    if (!isSamePeople(shown, told) || untold.has('people')) this.emit('people', people, self);
    if (isTitleNews || untold.has('title')) this.emit('title', title);
    if (role !== null && (role !== told.role || untold.has('role'))) this.emit('role', role);
    if (hasCarets) this.emit('carets', carets);
  }
}

function isSamePeople(a: Shown, b: Shown): boolean {
  if (a.self !== b.self || a.peopleTotal !== b.peopleTotal) return false;
  return a.people === b.people || JSON.stringify(a.people) === JSON.stringify(b.people);
}
