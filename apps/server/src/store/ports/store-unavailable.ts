import { StoreError } from './store.ts';

/** `open`: it does not answer, and was not asked. `busy`: too many calls wait for it. `late`: no answer by the deadline. */
export type UnavailableReason = 'open' | 'busy' | 'late';

const details: Readonly<Record<UnavailableReason, string>> = {
  open: 'The database does not answer now. Nothing was changed, and what was saved is safe; try again in a moment.',
  busy: 'The server has too much to do at once. Nothing was changed; try again in a moment.',
  late: 'The database did not answer in time. A change that was asked for may still be stored: look before you try it again.',
};

/** A request was refused, or is no longer waited for, so that it does not pile up behind a store that does not answer. */
export class StoreUnavailableError extends StoreError {
  readonly reason: UnavailableReason;
  /** After how many milliseconds it may be asked again. */
  readonly retryAfterMs: number;

  constructor(reason: UnavailableReason, retryAfterMs: number) {
    super(details[reason], false);
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
  }
}
