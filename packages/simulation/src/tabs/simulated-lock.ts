/** A Web Lock as the standard has it: one holder, a queue, and requests that take it by force. */
import type { Random } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';

/** As `WAIT_MS` of the client's lead-lock.ts. */
const WAIT_MS = 3_000;

export interface LockRequest {
  readonly how: 'ifFree' | 'wait';
  /** Runs it in the page that asked. */
  readonly task: (run: () => void) => void;
  readonly answered: (isHad: boolean) => void;
  readonly lost: () => void;
  readonly mayForce: () => boolean;
}

export class SimulatedLock {
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #answerMs: number;
  #holder: LockRequest | null = null;
  #queue: LockRequest[] = [];
  readonly #lastAnswer = new Map<unknown, number>();

  constructor(scheduler: Scheduler, random: Random, answerMs: number) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#answerMs = answerMs;
  }

  get holder(): LockRequest | null {
    return this.#holder;
  }

  take(request: LockRequest): void {
    if (this.#holder === null) return this.#grant(request);
    if (request.how === 'ifFree') return this.#tell(request, () => request.answered(false));
    this.#queue.push(request);
    this.#scheduler.after(WAIT_MS, () => request.task(() => this.#force(request)));
  }

  /** @param request may have been taken by force already, or wait still */
  release(request: LockRequest): void {
    this.#queue = this.#queue.filter((each) => each !== request);
    if (this.#holder !== request) return;
    this.#holder = null;
    const next = this.#queue.shift();
    if (next !== undefined) this.#grant(next);
  }

  #force(request: LockRequest): void {
    if (!this.#queue.includes(request)) return;
    this.#queue = this.#queue.filter((each) => each !== request);
    if (!request.mayForce()) return request.answered(false);
    const robbed = this.#holder;
    if (robbed !== null) this.#tell(robbed, () => robbed.lost());
    this.#grant(request);
  }

  #grant(request: LockRequest): void {
    this.#holder = request;
    this.#tell(request, () => request.answered(true));
  }

  /** Answers reach a page in their order. */
  #tell(request: LockRequest, run: () => void): void {
    const { now } = this.#scheduler;
    const due = now + this.#random.skewed(0, this.#answerMs);
    const time = Math.max(due, this.#lastAnswer.get(request.task) ?? 0);
    this.#lastAnswer.set(request.task, time);
    this.#scheduler.after(time - now, () => request.task(run));
  }
}
