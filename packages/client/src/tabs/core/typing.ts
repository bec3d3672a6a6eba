/** Takes edits and titles, of the person or of another tab: to the session of this tab, else into its mirror. */
import type { TextOperation } from '@concord/ot';
import type { LeadershipEffects } from './leadership-effects.ts';
import type { HandOffEdits } from './tab-messages.ts';
import type { TabView } from './tab-view.ts';
import type { Telling } from './telling.ts';

export class Typing {
  readonly #effects: LeadershipEffects;
  readonly #view: TabView;
  readonly #telling: Telling;
  readonly #want: () => void;

  /** @param want asks for the lead: what is in the mirror waits for a session */
  constructor(effects: LeadershipEffects, view: TabView, telling: Telling, want: () => void) {
    this.#effects = effects;
    this.#view = view;
    this.#telling = telling;
    this.#want = want;
  }

  edit(operation: TextOperation): void {
    if (this.#view.session !== null) {
      return this.#effects.push({ type: 'edit', operation, origin: 'local' });
    }
    if (operation.length === 0) return;
    this.#effects.show(this.#view.type(operation));
    this.#telling.state();
    this.#want();
  }

  rename(title: string, base: string): void {
    if (this.#view.session !== null) return this.#effects.push({ type: 'rename', title, base });
    this.#view.rename(title, base);
    this.#telling.state();
    this.#want();
  }

  /** Another tab cannot wait for the lead with what was typed there. */
  adopt(handedOff: HandOffEdits): void {
    const operation = this.#view.adopted(handedOff);
    if (operation !== null && this.#view.session !== null) {
      this.#effects.push({ type: 'edit', operation, origin: 'remote' });
    } else if (operation !== null) {
      this.#effects.show(this.#view.typedElsewhere(operation));
      this.#want();
    }
    const { title } = handedOff;
    if (title !== null) this.rename(title.title, title.base);
  }

  /** Gives what was typed here to the tab that leads or led last, without waiting. */
  handOff(): void {
    const typed = this.#view.takeTyped();
    if (typed !== null) this.#effects.post(typed);
  }
}
