/** Follow mode of the page: state, and its end on any key, click or scroll of the own user. */
import type { Person } from '@concord/protocol';
import type { EditorView } from '@codemirror/view';
import { useCallback, useEffect, useState } from 'react';
import { follow } from './follow.ts';
import { remoteCarets } from './remote-carets.ts';
import { revealPosition } from './remote-caret-layer.ts';

export interface Following {
  readonly followed: number | null;
  /** Called by the editor with the session number of the followed person. */
  readonly setFollowed: (session: number | null) => void;
  /** False when the person has no caret in the text. */
  readonly startFollowing: (person: Person) => boolean;
}

const endingEvents = ['keydown', 'wheel', 'touchmove', 'pointerdown'] as const;

export function useFollow(view: EditorView | null): Following {
  const [followed, setFollowed] = useState<number | null>(null);

  useEffect(() => {
    if (followed === null || view === null) return undefined;
    const stop = (): void => view.dispatch({ effects: follow.of(null) });
    for (const name of endingEvents) addEventListener(name, stop, { passive: true });
    return () => {
      for (const name of endingEvents) removeEventListener(name, stop);
    };
  }, [followed, view]);

  const startFollowing = useCallback(
    ({ session }: Person): boolean => {
      const caret = view?.state
        .field(remoteCarets)
        .find(({ person }) => person.session === session);
      if (!view || caret === undefined) return false;
      view.dispatch({ effects: follow.of(session) });
      revealPosition(view, caret.head);
      return true;
    },
    [view],
  );

  return { followed, setFollowed, startFollowing };
}
