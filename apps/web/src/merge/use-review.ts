/** State of the review of the latest merge: open or closed, and its passages. */
import type { Merge } from '@concord/client';
import type { EditorView } from '@codemirror/view';
import { useCallback, useEffect, useState } from 'react';
import { placePassages, trackedMerge, trackMerge } from './merge-review.ts';

export interface ReviewControl {
  readonly isOpen: boolean;
  readonly toggle: () => void;
  readonly close: () => void;
}

/** @param merge the latest one; null if there was none or its review is done */
export function useReview(merge: Merge | null, view: EditorView | null): ReviewControl | null {
  const [isOpen, setIsOpen] = useState(false);
  useEffect(() => {
    if (view === null) return;
    if ((view.state.field(trackedMerge)?.merge ?? null) !== merge) {
      view.dispatch({ effects: trackMerge.of(merge) });
    }
    const placing = isOpen ? placePassages(view.state) : null;
    if (placing !== null) view.dispatch(placing);
  }, [merge, view, isOpen]);
  const toggle = useCallback(() => setIsOpen((wasOpen) => !wasOpen), []);
  const close = useCallback(() => setIsOpen(false), []);
  return merge === null || view === null ? null : { isOpen, toggle, close };
}
