/** Tells what happens to the session of this tab: here, and in the tabs that mirror it, if there are any. */
import { isNoOperation } from '@concord/ot';
import type { EditRefused, TextChanged } from '../../document-client-api.ts';
import type { Merge } from '../../core/merge.ts';
import type { LeadershipEffects } from './leadership-effects.ts';
import type { LeadershipInput } from './leadership-io.ts';
import type { TabView } from './tab-view.ts';

/** A tab that was frozen may hand off to one that has led again since. */
const FORMER_MAX = 20;

export class Telling {
  readonly #effects: LeadershipEffects;
  readonly #view: TabView;
  /** Another tab mirrors this one, as far as it knows: without, nothing is posted. */
  hasMirrors = false;
  /** The text was known once. */
  #isOpen = false;
  /** Of the changes that were posted, from a random number on. */
  #firstCount = 0;
  #count = 0;
  /** First and last counts of the times that this tab led before. */
  #former: (readonly [first: number, last: number])[] = [];

  constructor(effects: LeadershipEffects, view: TabView) {
    this.#effects = effects;
    this.#view = view;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** @param firstCount drawn at random: changes of one session are never taken for those of another. */
  begin(firstCount: number): void {
    this.#former = [...this.#former.slice(-FORMER_MAX), [this.#firstCount, this.#count]];
    this.#firstCount = firstCount;
    this.#count = firstCount;
  }

  /** Whether this tab told the count: it leads the tab that heard it, or did so before. */
  isOwn(count: number): boolean {
    const told = [...this.#former, [this.#firstCount, this.#count] as const];
    return told.some(([first, last]) => first <= count && count <= last);
  }

  /** This tab leads now. */
  leads(): void {
    this.#effects.post({ type: 'leads', count: this.#count });
  }

  changed(change: TextChanged): void {
    if (this.hasMirrors) {
      this.#count++;
      this.#effects.post({ type: 'change', operation: change.operation, count: this.#count });
    }
    this.#effects.show(change);
  }

  refused(refused: EditRefused): void {
    if (this.hasMirrors) this.#effects.post({ type: 'refused', refused });
    this.#effects.push({ type: 'showRefused', refused });
  }

  merged(merge: Merge): void {
    const base = merge.base.toString();
    if (this.hasMirrors) this.#effects.post({ type: 'merge', ...merge, base });
    this.#effects.push({ type: 'showMerge', merge });
  }

  /** What is shown besides the text may be news. */
  state(): void {
    if (this.#view.session !== null && this.hasMirrors) this.#effects.push({ type: 'postState' });
    this.#effects.push({ type: 'tell' });
  }

  opened(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#effects.push({ type: 'showOpened' });
    if (this.#view.session !== null && this.hasMirrors) this.everything();
  }

  everything(): void {
    // A leader that is still loading has no text to tell; that it is there is told in any case.
    const text = this.#view.documentText.toString();
    if (this.#isOpen) this.#effects.post({ type: 'text', text, count: this.#count });
    this.#effects.push({ type: 'postState' });
  }

  /** A copy of a former history was merged into the server's text, in a session of its own. */
  replaced(input: Extract<LeadershipInput, { readonly type: 'replaced' }>): void {
    const { session, copy, server, toServer, merged, merge } = input;
    this.#view.session = session;
    this.begin(input.firstCount);
    if (this.hasMirrors) this.everything();
    const origin = 'remote';
    this.#effects.show({ before: copy, after: server, operation: toServer, origin });
    const after = session.documentText;
    this.#effects.show({ before: server, after, operation: merged, origin, mayUndo: true });
    const isTwoSided = merge !== null && !isNoOperation(merge.mine) && !isNoOperation(merge.theirs);
    if (isTwoSided) this.#effects.push({ type: 'showMerge', merge });
    this.state();
  }
}
