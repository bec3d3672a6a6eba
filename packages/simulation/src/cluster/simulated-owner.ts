/**
 * An open document, with as much of an owner as the cluster needs: versions, exactly once, one append under way, and
 * acknowledgements after it. The owner of documents/core is proved by the world of one server.
 */
import type { AppendOutcome } from '@concord/server';
import type { Entry } from './cluster-database.ts';

export type Answer =
  | { readonly type: 'acknowledged'; readonly version: number }
  | { readonly type: 'withdrawn' }
  | { readonly type: 'read'; readonly entries: readonly Entry[] }
  | { readonly type: 'elsewhere'; readonly node: string }
  | { readonly type: 'retry' };

export interface Request {
  readonly type: 'submit' | 'withdraw' | 'read';
  readonly documentId: string;
  readonly entry: Entry;
  /** Another node sent the client here. */
  readonly isForwarded: boolean;
  /** The client still waits on this connection. */
  readonly isOpen: () => boolean;
  readonly answer: (answer: Answer) => void;
}

export interface OwnerPorts {
  readonly append: (
    firstVersion: number,
    entries: readonly Entry[],
    done: (outcome: AppendOutcome) => void,
  ) => void;
  /** The document left memory. */
  readonly closed: (head: number, isClean: boolean) => void;
  readonly arePipelined: boolean;
}

export class SimulatedOwner {
  readonly epoch: number;
  readonly #ports: OwnerPorts;
  readonly #entries: Entry[] = [];
  readonly #versions = new Map<string, number>();
  readonly #lastSeqs = new Map<string, number>();
  #gathered: Request[] = [];
  #appending: Request[] = [];
  #newest = 0;
  #isOpen = false;
  #isClosing = false;
  #isGone = false;
  #waiting: Request[] = [];

  constructor(epoch: number, ports: OwnerPorts) {
    this.epoch = epoch;
    this.#ports = ports;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  opened(entries: readonly Entry[]): void {
    if (this.#isGone) return;
    this.#isOpen = true;
    this.#commit(entries);
    this.#newest = entries.length;
    for (const request of this.#waiting.splice(0)) this.handle(request);
    this.#closeWhenDone();
  }

  handle(request: Request): void {
    if (this.#isGone || this.#isClosing) return request.answer({ type: 'retry' });
    if (!this.#isOpen) return void this.#waiting.push(request);
    if (!request.isOpen()) return;
    const { type, entry } = request;
    if (type === 'read') return request.answer({ type: 'read', entries: [...this.#entries] });
    const known = this.#versions.get(`${entry.client} ${entry.seq}`);
    if (known !== undefined) return request.answer({ type: 'acknowledged', version: known });
    // Under way: answered when that is decided.
    const isUnderWay = [...this.#gathered, ...this.#appending].some((each) =>
      isSame(each, request),
    );
    if (isUnderWay) return request.answer({ type: 'retry' });
    const isOver = entry.seq <= (this.#lastSeqs.get(entry.client) ?? 0);
    if (type === 'withdraw' || isOver) {
      this.#lastSeqs.set(entry.client, Math.max(entry.seq, this.#lastSeqs.get(entry.client) ?? 0));
      return request.answer({ type: 'withdrawn' });
    }
    this.#lastSeqs.set(entry.client, entry.seq);
    this.#gathered.push(request);
    this.#append();
  }

  /** Orderly: what was taken in is written before. */
  close(): void {
    this.#isClosing = true;
    for (const request of this.#waiting.splice(0)) request.answer({ type: 'retry' });
    this.#closeWhenDone();
  }

  /** At once. Nothing is answered any more. */
  drop(): void {
    this.#isGone = true;
  }

  #append(): void {
    if (this.#gathered.length === 0) return;
    if (this.#appending.length > 0 && !this.#ports.arePipelined) return;
    const batch = this.#gathered;
    this.#gathered = [];
    this.#appending.push(...batch);
    const firstVersion = this.#newest + 1;
    this.#newest += batch.length;
    const entries = batch.map(({ entry }) => entry);
    this.#ports.append(firstVersion, entries, (outcome) => this.#decided(batch, outcome));
  }

  #decided(batch: readonly Request[], outcome: AppendOutcome): void {
    if (this.#isGone) return;
    if (outcome !== 'appended') {
      this.#isGone = true;
      const left = [...this.#appending, ...this.#gathered];
      this.#ports.closed(this.#entries.length, false);
      for (const request of left) request.answer({ type: 'retry' });
      return;
    }
    this.#commit(batch.map(({ entry }) => entry));
    this.#appending = this.#appending.filter((each) => !batch.includes(each));
    this.#append();
    for (const { entry, answer } of batch) {
      const version = this.#versions.get(`${entry.client} ${entry.seq}`) ?? 0;
      answer({ type: 'acknowledged', version });
    }
    this.#closeWhenDone();
  }

  #commit(entries: readonly Entry[]): void {
    for (const entry of entries) {
      this.#entries.push(entry);
      const { client, seq } = entry;
      this.#versions.set(`${client} ${seq}`, this.#entries.length);
      this.#lastSeqs.set(client, Math.max(seq, this.#lastSeqs.get(client) ?? 0));
    }
  }

  #closeWhenDone(): void {
    if (!this.#isClosing || this.#isGone || !this.#isOpen) return;
    if (this.#appending.length + this.#gathered.length > 0) return;
    this.#isGone = true;
    this.#ports.closed(this.#entries.length, true);
  }
}

const isSame = (a: Request, b: Request): boolean =>
  a.entry.client === b.entry.client && a.entry.seq === b.entry.seq;
