/**
 * Applies remote changes without scrolling the text: the first visible line stays in place. CodeMirror does so by
 * itself for one change per frame; with several before it measures, it drops the former ones (each sets a new scroll
 * anchor), and the text would jump by a line.
 */
import type { EditorState, TransactionSpec } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';
import type { EditorHost } from './binding.ts';

export class PinnedView implements EditorHost {
  readonly #view: EditorView;
  /** A snapshot of this frame is not measured yet; it is mapped through further changes. */
  #isPinned = false;

  constructor(view: EditorView) {
    this.#view = view;
  }

  get state(): EditorState {
    return this.#view.state;
  }

  dispatch(spec: TransactionSpec): void {
    const changes = this.state.changes(spec.changes ?? []);
    let firstChange = Infinity;
    changes.iterChangedRanges((fromA) => {
      firstChange = Math.min(firstChange, fromA);
    });
    const effects = this.#pinAgainst(firstChange)?.map(changes);
    this.#view.dispatch({ ...spec, changes, ...(effects === undefined ? {} : { effects }) });
  }

  /** An effect that keeps the scroll position relative to the text, if a change above the viewport requires it. */
  #pinAgainst(firstChange: number): ReturnType<EditorView['scrollSnapshot']> | undefined {
    // The snapshot of this frame is mapped already, and a second one would use stale heights.
    if (this.#isPinned) return undefined;
    const snapshot = this.#view.scrollSnapshot();
    if (firstChange >= snapshot.value.range.head) return undefined;
    this.#isPinned = true;
    this.#view.requestMeasure({
      read: () => {
        this.#isPinned = false;
      },
    });
    return snapshot;
  }
}
