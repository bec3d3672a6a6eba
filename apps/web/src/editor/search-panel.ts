/** Find and replace: a bar above the text. Searching is done by CodeMirror. */
import {
  closeSearchPanel,
  findNext,
  findPrevious,
  getSearchQuery,
  replaceAll,
  replaceNext,
  search,
  SearchQuery,
  setSearchQuery,
} from '@codemirror/search';
import type { Extension } from '@codemirror/state';
import { runScopeHandlers, type EditorView, type Panel, type ViewUpdate } from '@codemirror/view';
import { messages } from '../i18n/messages.ts';
import './search-panel.css';

const words = messages.search;

/** Matches are counted up to this number, which bounds the cost. */
const COUNTED_MATCHES = 1_000;
const COUNT_PAUSE_MS = 200;

type Toggle = 'caseSensitive' | 'wholeWord' | 'regexp';

const toggles: readonly (readonly [Toggle, label: string, shown: string])[] = [
  ['caseSensitive', words.matchCase, 'Aa'],
  ['wholeWord', words.wholeWords, 'W'],
  ['regexp', words.regularExpression, '.*'],
];

class SearchPanel implements Panel {
  readonly top = true;
  readonly dom = document.createElement('div');
  readonly #view: EditorView;
  readonly #find: HTMLInputElement;
  readonly #replace: HTMLInputElement;
  readonly #count = document.createElement('span');
  readonly #toggles = new Map<Toggle, HTMLButtonElement>();
  #query: SearchQuery;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(view: EditorView) {
    this.#view = view;
    this.#query = getSearchQuery(view.state);
    this.#find = this.#field(words.find, this.#query.search);
    // CodeMirror focuses and selects the field with this attribute.
    this.#find.setAttribute('main-field', 'true');
    this.#replace = this.#field(words.replace, this.#query.replace);
    this.#count.className = 'search-count';
    this.#count.setAttribute('aria-live', 'polite');
    for (const [name, label, shown] of toggles) {
      const button = this.#button(label, shown, () => this.#toggle(name));
      button.classList.add('search-toggle');
      this.#toggles.set(name, button);
    }
    this.dom.className = 'search-panel';
    this.dom.setAttribute('role', 'search');
    this.dom.setAttribute('aria-label', words.label);
    this.dom.addEventListener('keydown', (event) => this.#keyPressed(event));
    this.dom.append(...this.#rows());
    this.#showQuery();
  }

  mount(): void {
    this.#find.select();
  }

  update(update: ViewUpdate): void {
    for (const effect of update.transactions.flatMap((transaction) => transaction.effects)) {
      if (effect.is(setSearchQuery) && !effect.value.eq(this.#query)) {
        this.#query = effect.value;
        this.#find.value = effect.value.search;
        this.#replace.value = effect.value.replace;
        this.#showQuery();
      }
    }
    if (update.docChanged || update.selectionSet) this.#countSoon();
  }

  destroy(): void {
    clearTimeout(this.#timer);
  }

  #rows(): HTMLElement[] {
    const view = this.#view;
    const find = row(
      this.#find,
      this.#count,
      group(...this.#toggles.values()),
      group(
        this.#button(words.previous, icon('m18 15-6-6-6 6'), () => findPrevious(view)),
        this.#button(words.next, icon('m6 9 6 6 6-6'), () => findNext(view)),
      ),
      this.#button(messages.document.close, icon('M18 6 6 18M6 6l12 12'), () =>
        closeSearchPanel(view),
      ),
    );
    if (view.state.readOnly) return [find];
    const replace = row(
      this.#replace,
      group(
        this.#button(words.replaceOne, words.replaceOne, () => replaceNext(view)),
        this.#button(words.replaceAll, words.replaceAll, () => replaceAll(view)),
      ),
    );
    return [find, replace];
  }

  #field(label: string, value: string): HTMLInputElement {
    const field = document.createElement('input');
    field.className = 'search-field';
    field.setAttribute('aria-label', label);
    field.placeholder = label;
    field.value = value;
    field.autocomplete = 'off';
    field.enterKeyHint = 'search';
    field.addEventListener('input', () => this.#commit());
    return field;
  }

  #button(label: string, content: string | Node, act: () => void): HTMLButtonElement {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'search-button';
    button.setAttribute('aria-label', label);
    button.title = label;
    button.append(content);
    button.addEventListener('click', act);
    return button;
  }

  #toggle(name: Toggle): void {
    this.#commit({ [name]: !this.#query[name] });
  }

  #commit(change: Partial<Record<Toggle, boolean>> = {}): void {
    const { caseSensitive, wholeWord, regexp } = this.#query;
    const query = new SearchQuery({
      search: this.#find.value,
      replace: this.#replace.value,
      caseSensitive,
      wholeWord,
      regexp,
      ...change,
    });
    if (query.eq(this.#query)) return;
    this.#query = query;
    this.#view.dispatch({ effects: setSearchQuery.of(query) });
    this.#showQuery();
  }

  #showQuery(): void {
    for (const [name, button] of this.#toggles) {
      button.setAttribute('aria-pressed', String(this.#query[name]));
    }
    this.#countSoon();
  }

  #keyPressed(event: KeyboardEvent): void {
    if (runScopeHandlers(this.#view, event, 'search-panel')) {
      event.preventDefault();
    } else if (event.key === 'Enter' && event.target === this.#find) {
      event.preventDefault();
      (event.shiftKey ? findPrevious : findNext)(this.#view);
    } else if (event.key === 'Enter' && event.target === this.#replace) {
      event.preventDefault();
      replaceNext(this.#view);
    }
  }

  #countSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#count.textContent = this.#countText();
    }, COUNT_PAUSE_MS);
  }

  #countText(): string {
    if (this.#query.search === '') return '';
    if (!this.#query.valid) return words.invalid;
    const { state } = this.#view;
    const { from, to } = state.selection.main;
    const cursor = this.#query.getCursor(state);
    let count = 0;
    let current = 0;
    for (let match = cursor.next(); match.done !== true; match = cursor.next()) {
      count += 1;
      if (match.value.from === from && match.value.to === to) current = count;
      if (count === COUNTED_MATCHES) return words.manyMatches(count);
    }
    return count === 0 ? words.noMatches : words.matches(current, count);
  }
}

function row(...children: readonly Node[]): HTMLElement {
  return element('search-row', children);
}

function group(...children: readonly Node[]): HTMLElement {
  return element('search-group', children);
}

function element(className: string, children: readonly Node[]): HTMLElement {
  const created = document.createElement('div');
  created.className = className;
  created.append(...children);
  return created;
}

/** A Lucide icon as in ui/icons.tsx, for a panel without React. */
function icon(path: string): SVGElement {
  const namespace = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(namespace, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', 'icon');
  const drawing = document.createElementNS(namespace, 'path');
  drawing.setAttribute('d', path);
  svg.append(drawing);
  return svg;
}

export const searchExtension: Extension = search({
  top: true,
  createPanel: (view) => new SearchPanel(view),
});
