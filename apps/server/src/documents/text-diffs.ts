/**
 * Compares texts. Short pairs are compared synchronously; longer ones in worker threads behind a fair queue. A
 * comparison that exceeds its deadline becomes one replacement, so that its cost is bounded (I8).
 */
import { availableParallelism } from 'node:os';
import { countCodePoints, diffTexts, OperationBuilder, type TextOperation } from '@concord/ot';
import { DocumentError } from './document-error.ts';
import { DiffWorkers } from './diff-workers.ts';
import { FairQueue, QueueFullError } from '../platform/fair-queue.ts';

/**
 * Counted from the start of the comparison in its thread. Minimal operations for two books took 300 ms, adversarial
 * texts two seconds, several times that on a busy machine. The steps bound the search (packages/ot/src/diff.ts); the
 * deadline is for machines too slow for them.
 */
const DEADLINE_MS = 10_000;
/** Differing UTF-16 units of both texts that are compared on the event loop: at most some 5 ms. */
const MAX_SYNCHRONOUS_UNITS = 400;
/** Differing UTF-16 units of a light comparison, some 200 ms in a thread; a longer one is heavy. */
const LIGHT_UNITS = 50_000;
const SLOTS = Math.max(2, Math.min(4, availableParallelism() - 1));
/** Bounds of queued texts in UTF-16 units: four longest pairs for a lane, sixteen for all. */
const LANE_UNITS = 16 * 1024 * 1024;
const ALL_UNITS = 4 * LANE_UNITS;

/** Whom a comparison counts for: the people of a lane (an account, an address) share its quota. */
export interface DiffOwner {
  readonly lane: string;
  readonly person: string;
}

export class TextDiffs {
  readonly #workers: DiffWorkers;
  readonly #gaveUp: () => void;
  readonly #queue = new FairQueue({
    slots: SLOTS,
    heavySlots: SLOTS - 1,
    waitingPerPerson: 4,
    waitingSizePerLane: LANE_UNITS,
    waitingSize: ALL_UNITS,
  });

  /** @param options.gaveUp called when a pair exceeded the deadline and became one replacement */
  constructor(options: { readonly deadlineMs?: number; readonly gaveUp?: () => void } = {}) {
    this.#workers = new DiffWorkers(options.deadlineMs ?? DEADLINE_MS);
    this.#gaveUp = options.gaveUp ?? (() => {});
  }

  /**
   * An operation from `before` to `after`, both well-formed. Rejects with a {@link DocumentError} `tooManyDiffs` when
   * the queue of the owner is full, 503 `busy` when that of all is.
   */
  async diff(before: string, after: string, owner: DiffOwner): Promise<TextOperation> {
    if (before === after) return [];
    const { start, end } = commonEnds(before, after);
    const units = before.length + after.length - 2 * (start + end);
    const isOneSided = Math.min(before.length, after.length) === start + end;
    if (isOneSided) return replaceMiddle(before, after);
    if (units <= MAX_SYNCHRONOUS_UNITS) return diffTexts(before, after);
    const operation = await this.#queue
      .run({
        ...owner,
        isHeavy: units > LIGHT_UNITS,
        size: before.length + after.length,
        run: () => this.#workers.diff({ before, after }),
      })
      .catch((error: unknown) => {
        throw error instanceof QueueFullError ? errorOf(error) : error;
      });
    if (operation === null) this.#gaveUp();
    return operation ?? replaceMiddle(before, after);
  }
}

function errorOf({ whose }: QueueFullError): DocumentError {
  const again = { retryAfterSeconds: 5 };
  if (whose === 'all') {
    const detail = 'The server is busy. Nothing was changed; try again in a moment.';
    return new DocumentError('diffsBusy', detail, again);
  }
  const detail =
    'Several of your texts are being compared already. Nothing was changed; try again when they are answered.';
  return new DocumentError('tooManyDiffs', detail, again);
}

/** Replaces everything between the common prefix and the common suffix. */
export function replaceMiddle(before: string, after: string): TextOperation {
  const { start, end } = commonEnds(before, after);
  return new OperationBuilder()
    .retain(countCodePoints(before.slice(0, start)))
    .insert(after.slice(start, after.length - end))
    .delete(countCodePoints(before.slice(start, before.length - end)))
    .build();
}

/** Lengths of the common prefix, and of the common suffix of the rest, in UTF-16 units. */
function commonEnds(before: string, after: string): { start: number; end: number } {
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  // Never splits a surrogate pair.
  if (start > 0 && isLeading(before.charCodeAt(start - 1))) start--;
  let end = 0;
  while (
    end < most - start &&
    before.charCodeAt(before.length - 1 - end) === after.charCodeAt(after.length - 1 - end)
  ) {
    end++;
  }
  if (end > 0 && isTrailing(before.charCodeAt(before.length - end))) end--;
  return { start, end };
}

const isLeading = (unit: number): boolean => (unit & 0xfc00) === 0xd800;
const isTrailing = (unit: number): boolean => (unit & 0xfc00) === 0xdc00;
