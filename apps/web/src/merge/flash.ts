/** Highlights lines of the text briefly after scrolling to them. */
import { EditorSelection, StateEffect, StateField, type Extension } from '@codemirror/state';
import { Decoration, EditorView, type DecorationSet } from '@codemirror/view';

const FLASH_MS = 2_000;
/** Maximum number of highlighted lines: enough to fill a screen. */
const MAX_LINES = 60;

const flash = StateEffect.define<{ readonly from: number; readonly to: number } | null>();
const flashedLine = Decoration.line({ class: 'cm-flashed' });

const flashed = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(lines, transaction) {
    let next = lines.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (!effect.is(flash)) continue;
      if (effect.value === null) next = Decoration.none;
      else {
        const { doc } = transaction.state;
        const first = doc.lineAt(effect.value.from).number;
        const last = doc.lineAt(Math.max(effect.value.from, effect.value.to - 1)).number;
        const count = Math.min(last - first + 1, MAX_LINES);
        next = Decoration.set(
          Array.from({ length: count }, (_, index) =>
            flashedLine.range(doc.line(first + index).from),
          ),
        );
      }
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

export const flashing: Extension = flashed;

const timers = new WeakMap<EditorView, ReturnType<typeof setTimeout>>();

/** Scrolls to a part of the text and highlights its lines. Focus and selection stay. */
export function showInText(view: EditorView, from: number, to: number): void {
  view.dispatch({
    effects: [
      EditorView.scrollIntoView(EditorSelection.range(from, Math.max(from, to - 1)), {
        y: 'center',
      }),
      flash.of({ from, to }),
    ],
  });
  clearTimeout(timers.get(view));
  timers.set(
    view,
    setTimeout(() => view.dispatch({ effects: flash.of(null) }), FLASH_MS),
  );
}
