/** Runs one request of a form at a time and exposes its problem. */
import { useState } from 'react';
import { formProblem, type FormProblem } from './form-problem.ts';

export interface WorkOptions {
  /** Fields of the form that show their own problems. */
  readonly fields?: readonly string[];
  /** The field of the confirming password. */
  readonly wrongPassword?: string;
  /** A problem from before the form was shown. */
  readonly firstProblem?: string;
}

export interface Work {
  readonly isBusy: boolean;
  /** The problem, unless a field shows it; else empty. */
  readonly problem: string;
  /** The problem of a field; else empty. */
  readonly problemOf: (field: string) => string;
  /** Resolves with false on failure, which sets `problem`. */
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
