/**
 * Shows others' changes without moving what is read: the first visible line stays where it is. CodeMirror
 * does so by itself for one change per frame; when more arrive before it measures, it forgets the former
 * ones (its anchor is taken anew with each), and the text would jump by a line.
 */
import type { EditorState, TransactionSpec } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';
import type { EditorHost } from './binding.ts';

export class PinnedView implements EditorHost {
  readonly #view: EditorView;
  /** A pin of this frame is not measured yet; it moves along with further changes. */
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

  /** What keeps the scroll position in terms of the text, if a change above it asks for that. */
  #pinAgainst(firstChange: number): ReturnType<EditorView['scrollSnapshot']> | undefined {
    // A pin of this frame moves along by itself, and a second one would be taken from stale heights.
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
