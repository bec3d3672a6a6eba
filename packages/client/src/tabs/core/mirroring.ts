/** Follows the tab that leads, and asks it for everything when something was missed. */
import { DocumentText } from '@concord/ot';
import type { LeadershipEffects } from './leadership-effects.ts';
import type { MirroredMessage } from './tab-messages.ts';
import type { TabView } from './tab-view.ts';
import type { Telling } from './telling.ts';

/** A leader that does not answer within this time is taken for gone. */
const ANSWER_MS = 1_000;

/**
 * How long after a text of another leader the mirror asks again. Two tabs may take themselves for the leader for a while,
 * and each answers: were it asked at once, each answer would cause the next question, and the messages would multiply.
 */
const DOUBT_MS = 1_000;

/** Between two texts of one leader. First counts are drawn from 2^48, so that those of two leaders are further apart. */
const CHANGES_MAX = 2 ** 20;

export class Mirroring {
  readonly #effects: LeadershipEffects;
  readonly #view: TabView;
  readonly #telling: Telling;
  #isAsking = false;
  #isInDoubt = false;

  constructor(effects: LeadershipEffects, view: TabView, telling: Telling) {
    this.#effects = effects;
    this.#view = view;
    this.#telling = telling;
  }

  /** Asks the leader for everything. When no tab answers, the timer `answer` ends. */
  ask(): void {
    this.#effects.post({ type: 'hello' });
    if (this.#isAsking) return;
    this.#isAsking = true;
    this.#effects.startTimer('answer', ANSWER_MS);
  }

  notAnswered(): void {
    this.#isAsking = false;
  }

  follow(message: MirroredMessage): void {
    this.#isAsking = false;
    this.#effects.cancelTimer('answer');
    switch (message.type) {
      case 'text': {
        const isForeign = this.#isForeign(message.count);
        this.#view.leaderCount = message.count;
        this.#effects.show(this.#view.replaced(DocumentText.from(message.text), message.count));
        this.#telling.opened();
        if (isForeign) this.#doubt();
        return;
      }
      case 'change': {
        if (!this.#view.mirror.isFollowing) return;
        const shown = this.#view.followed(message.operation, message.count);
        return shown === 'missed' ? this.ask() : this.#effects.show(shown);
      }
      case 'state':
        this.#view.told(message.state);
        return this.#telling.state();
      case 'refused':
        return this.#effects.push({ type: 'showRefused', refused: message.refused });
      case 'merge': {
        const merge = { ...message, base: DocumentText.from(message.base) };
        return this.#effects.push({ type: 'showMerge', merge });
      }
    }
  }

  /** What a former leader posted may arrive after what the present one did: the timer `doubt` asks again. */
  #doubt(): void {
    if (this.#isInDoubt) return;
    this.#isInDoubt = true;
    this.#effects.startTimer('doubt', DOUBT_MS);
  }

  /** The timer `doubt` has ended. */
  resolveDoubt(isMirroring: boolean): void {
    this.#isInDoubt = false;
    if (isMirroring) this.ask();
  }

  /** Whether the count does not go on from the one that a leader told last. */
  #isForeign(count: number): boolean {
    const { leaderCount } = this.#view;
    return leaderCount !== null && (count < leaderCount || count - leaderCount > CHANGES_MAX);
  }
}
