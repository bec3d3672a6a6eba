/**
 * The database of one browser, shared by its tabs: replicas by client id, each with a term. What is asked for is carried
 * out one after another; of a page that dies some of it is not carried out any more.
 */
import type { ClientId } from '@concord/protocol';
import type { DeviceRow } from '../disk.ts';
import type { Random } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';

export type WriteOutcome = 'saved' | 'saveFailed' | 'superseded';

/** A page, as far as the device knows it. */
export interface DevicePage {
  readonly isDead: boolean;
  /** Runs it in the page, when nothing keeps the page from running; never once it is gone. */
  task(run: () => void): void;
}

interface Request {
  readonly page: DevicePage;
  /** Carries it out. Returns what answers the page. */
  readonly carryOut: () => () => void;
  /** A row that this writes. */
  readonly row: DeviceRow | null;
}

export class SharedDevice {
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #requestMs: number;
  readonly #rows = new Map<ClientId, DeviceRow>();
  readonly #terms = new Map<ClientId, number>();
  #requests: Request[] = [];
  #isBusy = false;
  readonly #lost: () => void;
  /** It can be read, and not be written. */
  isFull = false;

  /** @param lost told when the last write of a page that is gone fails */
  constructor(scheduler: Scheduler, random: Random, requestMs: number, lost: () => void) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#requestMs = requestMs;
    this.#lost = lost;
  }

  /** All that is there, and all that is being written. */
  get held(): readonly DeviceRow[] {
    const written = this.#requests.flatMap(({ row }) => (row === null ? [] : [row]));
    return [...this.#rows.values(), ...written];
  }

  get rows(): ReadonlyMap<ClientId, DeviceRow> {
    return this.#rows;
  }

  get isIdle(): boolean {
    return this.#requests.length === 0;
  }

  list(page: DevicePage, done: (rows: ReadonlyMap<ClientId, DeviceRow>) => void): void {
    this.#ask(page, null, () => {
      const rows = new Map(this.#rows);
      return () => done(rows);
    });
  }

  load(page: DevicePage, clientId: ClientId, done: (row: DeviceRow | null) => void): void {
    this.#ask(page, null, () => {
      const row = this.#rows.get(clientId) ?? null;
      return () => done(row);
    });
  }

  /** The page writes the replica from now on. A term is so small that a full device has room for it. */
  beginTerm(page: DevicePage, clientId: ClientId, done: (term: number) => void): void {
    this.#ask(page, null, () => {
      const term = (this.#terms.get(clientId) ?? 0) + 1;
      this.#terms.set(clientId, term);
      return () => done(term);
    });
  }

  write(
    page: DevicePage,
    { clientId, term, row }: { clientId: ClientId; term: number; row: DeviceRow },
    done: (outcome: WriteOutcome) => void,
  ): void {
    this.#ask(page, row, () => {
      const isOwn = term === this.#terms.get(clientId);
      const outcome = this.isFull ? 'saveFailed' : isOwn ? 'saved' : 'superseded';
      if (outcome === 'saved') this.#rows.set(clientId, row);
      return () => done(outcome);
    });
  }

  /** The page died. Of what it had asked for, the first requests may have been carried out. */
  died(page: DevicePage): void {
    let isLost = false;
    this.#requests = this.#requests.filter((request, place) => {
      // What is under way comes to its end.
      if (request.page !== page || (place === 0 && this.#isBusy)) return true;
      isLost ||= this.#random.chance(0.5);
      return !isLost;
    });
  }

  #ask(page: DevicePage, row: DeviceRow | null, carryOut: () => () => void): void {
    this.#requests.push({ page, row, carryOut });
    if (!this.#isBusy) this.#begin();
  }

  #begin(): void {
    const [request] = this.#requests;
    this.#isBusy = request !== undefined;
    if (request === undefined) return;
    this.#scheduler.after(this.#random.skewed(0, this.#requestMs), () => {
      this.#requests.shift();
      const answer = request.carryOut();
      request.page.task(answer);
      if (request.row !== null && request.page.isDead) this.#lost();
      this.#begin();
    });
  }
}
