/** Runs one request at a time and exposes its problem, to be shown next to the control. */
import { useCallback, useState } from 'react';
import { problemText } from './problem-text.ts';

export interface Attempt {
  readonly isBusy: boolean;
  /** The problem as a text; empty for none. */
  readonly problem: string;
  /** Resolves with the result, or undefined on failure, which sets `problem`. Never rejects. */
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
