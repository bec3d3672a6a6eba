/** Tells what happens in a tab: changes of the text, and everything else that listeners hear of, in their order. */
import type { DocumentClientEvents, VisibleCaret } from '../document-client-api.ts';
import type { ViewStore } from '../document-view.ts';
import { noListeners } from '../listeners.ts';

export class TabEvents {
  readonly #listeners = noListeners();
  readonly #views: ViewStore;
  readonly #waiting: (() => void)[] = [];
  #isTelling = false;
  #hadCarets = false;

  constructor(views: ViewStore) {
    this.#views = views;
  }

  on<E extends keyof DocumentClientEvents>(
    event: E,
    listener: DocumentClientEvents[E],
  ): () => void {
    this.#listeners[event].add(listener);
    return () => void this.#listeners[event].delete(listener);
  }

  /** Listeners that edit from inside an event cause events: all are told of the former one first. */
  emit<E extends keyof DocumentClientEvents>(
    event: E,
    ...told: Parameters<DocumentClientEvents[E]>
  ): void {
    this.#inTurn(() => {
      const listeners: ReadonlySet<(...told: Parameters<DocumentClientEvents[E]>) => void> = this
        .#listeners[event] as never;
      for (const listener of listeners) listener(...told);
    });
  }

  /** The view may be another. */
  viewChanged(): void {
    this.#inTurn(() => this.#views.tell());
  }

  /** Carets go along with the text, so that they are told each time there are any. */
  caretsChanged(carets: readonly VisibleCaret[]): void {
    const hadCarets = this.#hadCarets;
    this.#hadCarets = carets.length > 0;
    if (hadCarets || this.#hadCarets) this.emit('carets', carets);
  }

  #inTurn(tell: () => void): void {
    this.#waiting.push(tell);
    if (this.#isTelling) return;
    this.#isTelling = true;
    try {
      for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) next();
    } finally {
      this.#isTelling = false;
    }
  }
}
