/** Errors of the driver and the server as those of the store port. No message says more of an address than its hosts. */
import { MongoAPIError, MongoError, MongoServerError, MongoWriteConcernError } from 'mongodb';
import {
  DuplicateRecordError,
  StoreAnsweredError,
  StoreError,
  StoreFullError,
} from '../ports/store.ts';

const DUPLICATE_KEY = 11_000;
const WRITE_CONFLICT = 112;
const NO_SUCH_TRANSACTION = 251;
const OUT_OF_DISK_SPACE = 14_031;
/** Elections, shutdowns and networks: the same command may succeed on the next attempt. */
const passing = new Set([
  ...[6, 7, 24, 50, 64, 89, 91, 134, 189, 262, 290, 317, 358, 384],
  ...[9_001, 10_058, 10_107, 11_600, 11_602, 13_388, 13_435, 13_436],
]);

const hasLabel = (error: unknown, label: string): boolean =>
  error instanceof MongoError && error.hasErrorLabel(label);

const codeOf = (error: unknown): number | null =>
  error instanceof MongoServerError && typeof error.code === 'number' ? error.code : null;

/** A unique key is taken. */
export const isDuplicateKey = (error: unknown): boolean => codeOf(error) === DUPLICATE_KEY;

/** Another write changed the same row at the same time: this one had no effect, and can be tried again. */
export const isWriteConflict = (error: unknown): boolean => codeOf(error) === WRITE_CONFLICT;

/**
 * Whether a write may or may not have had its effect. By the kind of the error, not by its labels: network errors often
 * come without. Only what the server itself refused is certain.
 */
export function isOutcomeUnknown(error: unknown): boolean {
  // An error of the API is one of this program: the driver sent nothing.
  if (!(error instanceof MongoError) || error instanceof MongoAPIError) return false;
  if (error instanceof MongoWriteConcernError) return true;
  if (!(error instanceof MongoServerError)) return true;
  return hasLabel(error, 'RetryableWriteError') || passing.has(codeOf(error) ?? 0);
}

/** Whether a transaction that was not yet committed had no effect, and can be run again. */
export function isTransient(error: unknown): boolean {
  if (hasLabel(error, 'TransientTransactionError')) return true;
  if (isWriteConflict(error) || codeOf(error) === NO_SUCH_TRANSACTION) return true;
  return isOutcomeUnknown(error);
}

/** Whether a transaction may have been committed: the commit, which is idempotent, is to be sent again. */
export function isCommitUnknown(error: unknown): boolean {
  if (hasLabel(error, 'TransientTransactionError') || codeOf(error) === NO_SUCH_TRANSACTION) {
    return false;
  }
  return hasLabel(error, 'UnknownTransactionCommitResult') || isOutcomeUnknown(error);
}

/** The error of the port for one of the driver; others as they are. */
export function translated(error: unknown): unknown {
  if (!(error instanceof MongoError)) return error;
  if (isDuplicateKey(error)) return new DuplicateRecordError(undefined, { cause: error });
  if (codeOf(error) === OUT_OF_DISK_SPACE) {
    return new StoreFullError('The database server has no space left: nothing more can be stored now.'); // prettier-ignore
  }
  if (isOutcomeUnknown(error)) {
    return new StoreError(
      'The database does not answer now. Nothing that was confirmed is lost; it is tried again by itself.',
      false,
      { cause: error },
    );
  }
  const code = codeOf(error);
  const what = code === null ? error.name : `code ${code}`;
  return new StoreAnsweredError(`The database refused the operation (${what}).`, { cause: error });
}
