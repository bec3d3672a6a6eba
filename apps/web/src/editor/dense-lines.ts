/** Replaces each part of the visible lines that is not drawn by a chip; see dense-text.ts. */
import type { Extension, Range } from '@codemirror/state';
import {
  Decoration,
  EditorView,
  ViewPlugin,
  WidgetType,
  type DecorationSet,
  type ViewUpdate,
} from '@codemirror/view';
import { messages } from '../i18n/messages.ts';
import { denseParts } from './dense-text.ts';

class DenseChip extends WidgetType {
  readonly #length: number;

  constructor(length: number) {
    super();
    this.#length = length;
  }

  override eq(other: DenseChip): boolean {
    return other.#length === this.#length;
  }

  override toDOM(): HTMLElement {
    const chip = document.createElement('span');
    chip.className = 'cm-denseChip';
    chip.textContent = messages.document.notDrawn(this.#length);
    chip.title = messages.document.notDrawnHelp;
    return chip;
  }
}

function decorate(view: EditorView): DecorationSet {
  const chips: Range<Decoration>[] = [];
  let drawnTo = -1;
  for (const { from, to } of view.visibleRanges) {
    for (let position = from; position <= to;) {
      const line = view.state.doc.lineAt(position);
      position = line.to + 1;
      // A long line may span several visible ranges.
      if (line.from <= drawnTo) continue;
      drawnTo = line.from;
      for (const part of denseParts(line.text)) {
        const widget = new DenseChip(part.to - part.from);
        chips.push(
          Decoration.replace({ widget }).range(line.from + part.from, line.from + part.to),
        );
      }
    }
  }
  return Decoration.set(chips);
}

const plugin = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;

    constructor(view: EditorView) {
      this.decorations = decorate(view);
    }

    update(update: ViewUpdate): void {
      if (update.docChanged || update.viewportChanged) this.decorations = decorate(update.view);
    }
  },
  {
    decorations: ({ decorations }) => decorations,
    // The caret moves over a chip in one step, and Backspace deletes it as a unit.
    provide: (self) =>
      EditorView.atomicRanges.of((view) => view.plugin(self)?.decorations ?? Decoration.none),
  },
);

export const denseLines: Extension = plugin;
