/**
 * The operations between two versions composed into one: clients that were away for long transform their edits over
 * it, instead of over the difference of two texts (docs/protocol.md, "Away for long").
 *
 * Composed in a worker thread, one range at a time, within a budget of bytes and time. Requests for the same range are
 * coalesced, and results are cached. Requests beyond the budget are refused with a retry time.
 */
import type { TextOperation } from '@concord/ot';
import type { DocumentId } from '@concord/protocol';
import { LRUCache } from 'lru-cache';
import pLimit from 'p-limit';
import { readLog } from './open-document.ts';
import { aboutBytes } from './core/recent-operations.ts';
import { DocumentError } from './document-error.ts';
import { BucketTable } from '../platform/limits/bucket-table.ts';
import { perSecond, type Bucket } from '../platform/limits/buckets.ts';
import { AskedThread, startThread } from '../platform/start-thread.ts';
import type { Store } from '../store/ports/store.ts';

export type ComposeRequest =
  | { readonly type: 'begin' }
  | { readonly type: 'piece'; readonly operations: readonly TextOperation[] }
  | { readonly type: 'end'; readonly after: number; readonly through: number };
export type ComposeAnswer =
  | { readonly type: 'taken' }
  | { readonly type: 'tooLarge' }
  | { readonly type: 'composed'; readonly json: string };

export interface CompositionRange {
  readonly id: DocumentId;
  readonly after: number;
  readonly through: number;
}

export interface CompositionsOptions {
  readonly store: Pick<Store, 'log'>;
  readonly refused: () => void;
  readonly now?: () => number;
}

/** Longest range, some seconds of work; a client further behind uses the difference of the texts. */
const RANGE_MAX = 500_000;
/** Operations of one range, as they are sent: a quarter of a million keystrokes. */
const RANGE_BYTES_MAX = 32 * 1024 * 1024;
/** A composition that takes longer is abandoned, as one that becomes too large is. */
const DEADLINE_MS = 20_000;
/** Bound of the LRU cache of answers, as JSON. */
const KEPT_BYTES = 8 * 1024 * 1024;
/** Bound of the queue: more would wait longer than a client does. */
const WAITING_MAX = 20;
/** The same for one person, or one address of guests; reconnecting clients of a class share the same range. */
const WAITING_OF_ONE_MAX = 4;
/** Token bucket per person of KB read from the log: burst and refill. */
const KB_BURST = 32 * 1024;
const KB_PER_SECOND = 512;

const readingRule = perSecond(KB_PER_SECOND, KB_BURST);
const readingOf = (owner: string): Bucket => ({ key: owner, rule: readingRule });

export class Compositions {
  readonly #options: CompositionsOptions;
  readonly #turns = pLimit(1);
  /** In KB. Of this process: it bounds the work of the one thread below. */
  readonly #charged: BucketTable;
  readonly #made = new LRUCache<string, Buffer>({
    maxSize: KEPT_BYTES,
    sizeCalculation: ({ length }) => Math.max(1, length),
  });
  readonly #making = new Map<string, Promise<Buffer>>();
  readonly #waiting = new Map<string, number>();
  readonly #thread = new AskedThread<ComposeRequest, ComposeAnswer>(() =>
    startThread(import.meta.url, 'compose-worker'),
  );

  constructor(options: CompositionsOptions) {
    this.#options = options;
    this.#charged = new BucketTable(options.now === undefined ? {} : { now: options.now });
  }

  /**
   * The answer of the route, as JSON. Rejects with a {@link DocumentError}: `composedVersionAhead` for a version that is not in
   * the log, `rangeTooLong` for more than can be told, `tooManyCompositions` and `compositionsBusy` with a time to wait.
   * @param owner whose budget it is taken from
   */
  compose(range: CompositionRange, owner: string): Promise<Buffer> {
    const { id, after, through } = range;
    const key = `${id} ${after} ${through}`;
    const made = this.#made.get(key);
    if (made !== undefined) return Promise.resolve(made);
    // Coalesces requests for the same range.
    const making = this.#making.get(key) ?? this.#make(range, owner);
    if (!this.#making.has(key)) {
      this.#making.set(key, making);
      making.then(
        (json) => {
          this.#making.delete(key);
          this.#made.set(key, json);
        },
        () => this.#making.delete(key),
      );
    }
    return making;
  }

  async #make(range: CompositionRange, owner: string): Promise<Buffer> {
    if (range.through - range.after > RANGE_MAX) throw rangeTooLong();
    this.#admit(owner);
    try {
      return await this.#turns(() => this.#composed(range, owner));
    } finally {
      const left = (this.#waiting.get(owner) ?? 1) - 1;
      if (left > 0) this.#waiting.set(owner, left);
      else this.#waiting.delete(owner);
    }
  }

  #admit(owner: string): void {
    const own = this.#waiting.get(owner) ?? 0;
    const waitMs = own >= WAITING_OF_ONE_MAX ? 2_000 : this.#charged.takeOne(readingOf(owner));
    if (waitMs > 0) {
      this.#options.refused();
      throw tooMany(waitMs);
    }
    if (this.#turns.pendingCount >= WAITING_MAX) {
      this.#options.refused();
      throw busy();
    }
    this.#waiting.set(owner, own + 1);
  }

  async #composed({ id, after, through }: CompositionRange, owner: string): Promise<Buffer> {
    const deadline = performance.now() + DEADLINE_MS;
    let version = after;
    let bytes = 0;
    await this.#ask({ type: 'begin' }, deadline);
    for await (const read of readLog(this.#options.store.log, id, after, through)) {
      version += read.length;
      let ofPiece = 0;
      const operations = read.map(({ op }) => {
        ofPiece += aboutBytes(op);
        return op;
      });
      bytes += ofPiece;
      this.#charged.charge(readingOf(owner), ofPiece / 1024);
      if (bytes > RANGE_BYTES_MAX) throw rangeTooLong();
      await this.#ask({ type: 'piece', operations }, deadline);
    }
    if (version < through) {
      const detail = `The document is not at version ${through} yet.`;
      throw new DocumentError('composedVersionAhead', detail);
    }
    const answer = await this.#ask({ type: 'end', after, through }, deadline);
    if (answer.type !== 'composed') throw rangeTooLong();
    return Buffer.from(answer.json);
  }

  /** Rejects with `rangeTooLong` when the thread says so, fails, or does not answer in time. */
  async #ask(request: ComposeRequest, deadline: number): Promise<ComposeAnswer> {
    const answer = await this.#thread.ask(request, deadline);
    if (answer === null || answer.type === 'tooLarge') throw rangeTooLong();
    return answer;
  }
}

function rangeTooLong(): DocumentError {
  const detail =
    'Too much happened between these versions to be told as one operation. Read the text instead.';
  return new DocumentError('rangeTooLong', detail);
}

function tooMany(waitMs: number): DocumentError {
  const seconds = Math.max(1, Math.ceil(waitMs / 1_000));
  const detail = `This was asked for too often at once. Try again in ${seconds} s.`;
  return new DocumentError('tooManyCompositions', detail, { retryAfterSeconds: seconds });
}

function busy(): DocumentError {
  const detail = 'The server is busy. Try again in a moment.';
  return new DocumentError('compositionsBusy', detail, { retryAfterSeconds: 5 });
}
