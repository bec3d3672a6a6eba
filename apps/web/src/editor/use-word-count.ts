/** Word counts of the text and the selection, computed in idle callbacks, never per keystroke. */
import type { EditorView } from '@codemirror/view';
import { useCallback, useEffect, useRef, useState } from 'react';
import { countWords } from './word-count.ts';

const PAUSE_MS = 400;

export interface WordCount {
  readonly all: number;
  readonly selected: number;
}

/** @returns the count (null before the first one), and a function to call after each change */
export function useWordCount(view: EditorView | null): readonly [WordCount | null, () => void] {
  const [count, setCount] = useState<WordCount | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const counted = useRef<{ doc: unknown; all: number }>({ doc: null, all: 0 });

  const recount = useCallback(() => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      if (view === null) return;
      const { doc, selection } = view.state;
      if (counted.current.doc !== doc) counted.current = { doc, all: countWords(doc.toString()) };
      const { from, to } = selection.main;
      setCount({ all: counted.current.all, selected: countWords(doc.sliceString(from, to)) });
    }, PAUSE_MS);
  }, [view]);

  useEffect(() => {
    recount();
    return () => clearTimeout(timer.current);
  }, [recount]);

  return [count, recount];
}
