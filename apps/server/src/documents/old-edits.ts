/**
 * Transforms edits of the REST API over operations committed since their base, in a worker thread: an edit of a whole
 * book over a long log takes a third of a second, which would block the event loop. One at a time, round-robin between
 * people.
 */
import type { TextOperation } from '@concord/ot';
import { AskedThread, startThread } from '../platform/start-thread.ts';
import type { LoggedOperation } from '../store/ports/store.ts';
import { Turns } from '../platform/turns.ts';

export type OldEditRequest =
  | { readonly type: 'begin'; readonly edit: MovedEdit }
  | { readonly type: 'piece'; readonly committed: readonly TextOperation[] }
  | { readonly type: 'end' };
export type OldEditAnswer =
  | { readonly type: 'taken' }
  | { readonly type: 'tooMuch' }
  | { readonly type: 'moved'; readonly moved: MovedEdit };

export interface MovedEdit {
  readonly operations: readonly TextOperation[];
  /** Remaining budget in component steps. */
  readonly steps: number;
}

/** Budget of one edit in component steps: a third of a second. */
export const OLD_EDIT_STEPS_MAX = 1_000_000;
/** On a machine that is busy, several times that. */
const DEADLINE_MS = 10_000;

export class OldEdits {
  readonly #turns = new Turns(1);
  readonly #thread = new AskedThread<OldEditRequest, OldEditAnswer>(() =>
    startThread(import.meta.url, 'old-edit-worker'),
  );

  /**
   * Resolves with consecutive operations for the text after `committed`; with null when that would cost more steps than
   * are left, or takes too long. Rejects as `committed` does.
   * @param userId the person whose queue it joins
   */
  move(
    userId: string,
    edit: MovedEdit,
    committed: AsyncIterable<readonly LoggedOperation[]>,
  ): Promise<MovedEdit | null> {
    return this.#turns.run(async () => {
      const deadline = performance.now() + DEADLINE_MS;
      const begun = await this.#thread.ask({ type: 'begin', edit }, deadline);
      if (begun === null) return null;
      for await (const read of committed) {
        const piece = { type: 'piece', committed: read.map(({ op }) => op) } as const;
        const answer = await this.#thread.ask(piece, deadline);
        if (answer?.type !== 'taken') return null;
      }
      const answer = await this.#thread.ask({ type: 'end' }, deadline);
      return answer?.type === 'moved' ? answer.moved : null;
    }, userId);
  }
}
