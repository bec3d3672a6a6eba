/** One thing at a time that may go wrong, and what went wrong. */
import { useState } from 'react';
import { formProblem, type FormProblem } from './form-problem.ts';

export interface WorkOptions {
  /** Fields of the form that say themselves what is wrong with them. */
  readonly fields?: readonly string[];
  /** The field of the password that proves who one is. */
  readonly wrongPassword?: string;
  /** What went wrong before the form was there. */
  readonly firstProblem?: string;
}

export interface Work {
  readonly isBusy: boolean;
  /** What went wrong, unless a field says it; else empty. */
  readonly problem: string;
  /** What is wrong with a field; else empty. */
  readonly problemOf: (field: string) => string;
  /** Resolves with false when it failed; `problem` says why then. */
  readonly run: (work: () => Promise<void>) => Promise<boolean>;
}

const NONE: FormProblem = { field: null, text: '' };

export function useWork(options: WorkOptions = {}): Work {
  const { fields = [], wrongPassword, firstProblem = '' } = options;
  const [isBusy, setIsBusy] = useState(false);
  const [{ field, text }, setProblem] = useState<FormProblem>({ field: null, text: firstProblem });
  const run = async (work: () => Promise<void>): Promise<boolean> => {
    setIsBusy(true);
    setProblem(NONE);
    try {
      await work();
      return true;
    } catch (error) {
      setProblem(formProblem(error, wrongPassword));
      return false;
    } finally {
      setIsBusy(false);
    }
  };
  const isAtField = field !== null && fields.includes(field);
  return {
    isBusy,
    problem: isAtField ? '' : text,
    problemOf: (name) => (isAtField && name === field ? text : ''),
    run,
  };
}
