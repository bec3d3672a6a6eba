/** Where all parts of a document's owner put their effects, in the order in which the adapter carries them out. */
import type { ServerMessage } from '@concord/protocol';
import type { DocumentEffect, DocumentTimer } from './document-messages.ts';

const NO_SESSION: ReadonlySet<number> = new Set();

export class EffectSink {
  readonly #audience: { readonly size: number };
  #effects: DocumentEffect[] = [];

  /** @param audience the joined sessions: what is broadcast to none of them is left out */
  constructor(audience: { readonly size: number }) {
    this.#audience = audience;
  }

  push(effect: DocumentEffect): void {
    this.#effects.push(effect);
  }

  send(session: number, message: ServerMessage): void {
    this.#effects.push({ type: 'send', session, message });
  }

  broadcast(message: ServerMessage, except: ReadonlySet<number> = NO_SESSION): void {
    if (this.#audience.size > except.size) {
      this.#effects.push({ type: 'broadcast', message, except });
    }
  }

  startTimer(name: DocumentTimer, ms: number): void {
    this.#effects.push({ type: 'startTimer', name, ms });
  }

  /** The effects of one step; the next step begins with none. */
  drain(): readonly DocumentEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}
