/** The title as the store has it; every change is broadcast. */
import type { DocumentInput } from './document-messages.ts';
import type { EffectSink } from './effect-sink.ts';

export class DocumentTitle {
  readonly #effects: EffectSink;
  #title: string;
  #titleVersion: number;

  constructor(
    opened: { readonly title: string; readonly titleVersion: number },
    effects: EffectSink,
  ) {
    this.#title = opened.title;
    this.#titleVersion = opened.titleVersion;
    this.#effects = effects;
  }

  get title(): string {
    return this.#title;
  }
  get titleVersion(): number {
    return this.#titleVersion;
  }

  /** Notifications may come late and out of order: only a newer version counts. */
  renamed({ title, titleVersion, renameId }: Extract<DocumentInput, { type: 'renamed' }>): void {
    if (titleVersion <= this.#titleVersion) return;
    this.#title = title;
    this.#titleVersion = titleVersion;
    const cause = renameId === null ? {} : { renameId };
    this.#effects.broadcast({ type: 'titled', body: { title, titleVersion, ...cause } });
  }
}
