/** The effects of one step, in the order in which the parts of a session ask for them. */
import type { ClientMessage } from '@concord/protocol';
import type { SessionEffect, TimerName } from './session-messages.ts';

export class Effects {
  #effects: SessionEffect[] = [];

  /** Begins a step: one that threw leaves nothing behind. */
  begin(): void {
    this.#effects = [];
  }

  push(effect: SessionEffect): void {
    this.#effects.push(effect);
  }

  send(message: ClientMessage): void {
    this.push({ type: 'send', message });
  }

  /** Starts the timer anew when it runs. */
  startTimer(name: TimerName, ms: number): void {
    this.push({ type: 'startTimer', name, ms });
  }

  cancelTimer(name: TimerName): void {
    this.push({ type: 'cancelTimer', name });
  }

  /** Of the step that is under way. */
  get all(): readonly SessionEffect[] {
    return this.#effects;
  }
}
