/** One change at a time, and what went wrong with it, to be shown where it was tried. */
import { useCallback, useState } from 'react';
import { problemText } from './problem-text.ts';

export interface Attempt {
  readonly isBusy: boolean;
  /** For people; empty for none. */
  readonly problem: string;
  /** Resolves with what came of it, or undefined when it failed: `problem` says why then. Never rejects. */
  readonly attempt: <T>(work: () => Promise<T>) => Promise<T | undefined>;
  readonly clear: () => void;
}

export function useAttempt(): Attempt {
  const [isBusy, setIsBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const attempt = useCallback(async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    setIsBusy(true);
    setProblem('');
    try {
      return await work();
    } catch (error) {
      setProblem(problemText(error));
      return undefined;
    } finally {
      setIsBusy(false);
    }
  }, []);
  const clear = useCallback(() => setProblem(''), []);
  return { isBusy, problem, attempt, clear };
}
