/** The effects of one step, in the order in which the parts of the leadership ask for them. */
import type { TextChanged } from '../../document-client-api.ts';
import type { LeadershipEffect, LeadershipTimer } from './leadership-io.ts';
import type { TabMessage } from './tab-messages.ts';

export class LeadershipEffects {
  #effects: LeadershipEffect[] = [];

  /** Begins a step: one that threw leaves nothing behind. */
  begin(): void {
    this.#effects = [];
  }

  /** Of the step that is under way. */
  get all(): readonly LeadershipEffect[] {
    return this.#effects;
  }

  push(effect: LeadershipEffect): void {
    this.#effects.push(effect);
  }

  post(message: TabMessage): void {
    this.push({ type: 'post', message });
  }

  /** @param change null when nothing changed */
  show(change: TextChanged | null): void {
    if (change !== null) this.push({ type: 'show', change });
  }

  /** Starts the timer anew when it runs. */
  startTimer(name: LeadershipTimer, ms: number): void {
    this.push({ type: 'startTimer', name, ms });
  }

  cancelTimer(name: LeadershipTimer): void {
    this.push({ type: 'cancelTimer', name });
  }
}
