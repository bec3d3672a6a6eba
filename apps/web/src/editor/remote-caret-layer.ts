/**
 * Draws other people's carets and selections in layers above and below the text. Nothing is inserted into the text's
 * DOM, so that input methods, screen readers and copying are not affected.
 */
import { EditorSelection, type Extension } from '@codemirror/state';
import {
  EditorView,
  layer,
  RectangleMarker,
  ViewPlugin,
  type LayerMarker,
  type ViewUpdate,
} from '@codemirror/view';
import { colorClass } from '../people/colors.ts';
import { displayName } from '../people/names.ts';
import { remoteCarets, type RemoteCaret } from './remote-carets.ts';

/** A name closer than this to the right edge opens to the left. */
const FLAG_ROOM_PX = 140;
/** Distance between pointer and caret within which the name is shown. */
const HOVER_PX = 8;

class CaretMarker implements LayerMarker {
  readonly #caret: RemoteCaret;
  readonly #rectangle: RectangleMarker;
  readonly #opensLeft: boolean;

  constructor(caret: RemoteCaret, rectangle: RectangleMarker, opensLeft: boolean) {
    this.#caret = caret;
    this.#rectangle = rectangle;
    this.#opensLeft = opensLeft;
  }

  eq(other: CaretMarker): boolean {
    return (
      this.#showsSamePerson(other) &&
      this.#caret.moves === other.#caret.moves &&
      this.#opensLeft === other.#opensLeft &&
      this.#rectangle.eq(other.#rectangle)
    );
  }

  draw(): HTMLElement {
    const element = document.createElement('div');
    element.append(this.#drawFlag());
    this.#adjust(element);
    return element;
  }

  /** Moves the existing element, so that CSS animates the caret; an own move of the person shows the name again. */
  update(element: HTMLElement, former: CaretMarker): boolean {
    if (former.#caret.person.session !== this.#caret.person.session) return false;
    if (former.#caret.moves !== this.#caret.moves || !this.#showsSamePerson(former)) {
      element.replaceChildren(this.#drawFlag());
    }
    this.#adjust(element);
    return true;
  }

  #showsSamePerson(other: CaretMarker): boolean {
    const { session, name, color } = this.#caret.person;
    const { person } = other.#caret;
    return session === person.session && name === person.name && color === person.color;
  }

  #drawFlag(): HTMLElement {
    const flag = document.createElement('span');
    flag.className = 'cm-caretFlag';
    flag.textContent = displayName(this.#caret.person);
    return flag;
  }

  #adjust(element: HTMLElement): void {
    const { left, top, height } = this.#rectangle;
    element.className = `cm-remoteCaret ${colorClass(this.#caret.person.color)}`;
    element.classList.toggle('cm-caretOpensLeft', this.#opensLeft);
    element.style.left = `${left}px`;
    element.style.top = `${top}px`;
    element.style.height = `${height}px`;
  }
}

function caretsChanged(update: ViewUpdate): boolean {
  return update.startState.field(remoteCarets) !== update.state.field(remoteCarets);
}

const caretLayer = layer({
  above: true,
  class: 'cm-remoteCarets',
  update: (update) => update.docChanged || caretsChanged(update),
  markers(view) {
    const width = view.scrollDOM.clientWidth;
    return view.state
      .field(remoteCarets)
      .flatMap((caret) =>
        RectangleMarker.forRange(view, '', EditorSelection.cursor(caret.head)).map(
          (rectangle) => new CaretMarker(caret, rectangle, rectangle.left > width - FLAG_ROOM_PX),
        ),
      );
  },
});

const selectionLayer = layer({
  above: false,
  class: 'cm-remoteSelections',
  update: (update) => update.docChanged || caretsChanged(update),
  markers: (view) =>
    view.state.field(remoteCarets).flatMap(({ person, anchor, head }) => {
      if (anchor === head) return [];
      const className = `cm-remoteSelection ${colorClass(person.color)}`;
      return RectangleMarker.forRange(view, className, EditorSelection.range(anchor, head));
    }),
});

/** The layers ignore pointer events, which belong to the text: names are shown by the pointer's distance. */
const namesOnHover = ViewPlugin.define(() => ({}), {
  eventHandlers: {
    mousemove(event, view) {
      for (const caret of view.scrollDOM.querySelectorAll('.cm-remoteCaret')) {
        const { left, top, bottom } = caret.getBoundingClientRect();
        const isNear =
          Math.abs(event.clientX - left) <= HOVER_PX &&
          event.clientY >= top - HOVER_PX &&
          event.clientY <= bottom;
        caret.classList.toggle('cm-caretHovered', isNear);
      }
    },
  },
});

export const remoteCaretExtension: Extension = [
  remoteCarets,
  selectionLayer,
  caretLayer,
  namesOnHover,
];

/** Scrolls a position to the middle of the view. */
export function revealPosition(view: EditorView, position: number): void {
  view.dispatch({ effects: EditorView.scrollIntoView(position, { y: 'center' }) });
}
