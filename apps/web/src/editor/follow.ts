/**
 * Follow mode: the view stays at another person's caret until a key, click or scroll of the own user (the page ends
 * it: see editor/use-follow.ts).
 */
import { StateEffect, StateField, type Extension } from '@codemirror/state';
import { EditorView, ViewPlugin, type ViewUpdate } from '@codemirror/view';
import { remoteCarets } from './remote-carets.ts';

/** Session number of the person to follow; null ends following. */
export const follow = StateEffect.define<number | null>();

export const followed = StateField.define<number | null>({
  create: () => null,
  update(session, transaction) {
    let next = session;
    for (const effect of transaction.effects) if (effect.is(follow)) next = effect.value;
    return next;
  },
});

/** Position of the followed person's caret, or null. */
function followedPosition(state: EditorView['state']): number | null {
  const session = state.field(followed);
  if (session === null) return null;
  return state.field(remoteCarets).find((caret) => caret.person.session === session)?.head ?? null;
}

const scrolling = ViewPlugin.define(() => ({
  update(update: ViewUpdate) {
    const position = followedPosition(update.state);
    if (position === null || position === followedPosition(update.startState)) return;
    // A view must not be updated during an update.
    queueMicrotask(() => {
      const head = followedPosition(update.view.state);
      if (head === null) return;
      update.view.dispatch({ effects: EditorView.scrollIntoView(head, { y: 'center' }) });
    });
  },
}));

/** @param onChange called with the session number of the followed person, or null */
export function following(onChange: (session: number | null) => void): Extension {
  return [
    followed,
    scrolling,
    EditorView.updateListener.of((update) => {
      const session = update.state.field(followed);
      if (session !== update.startState.field(followed)) onChange(session);
    }),
  ];
}
