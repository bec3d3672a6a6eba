/**
 * Fair queue: expensive work of many people on few slots. One piece of work per person runs at a time; round-robin
 * between lanes, and between the people of a lane. A lane is an identity that is costly to multiply (an account, an
 * address), so that an address with many guests gets one share.
 *
 * Heavy work never fills all slots: light work waits for light work alone.
 */

export interface QueuedWork<T> {
  readonly lane: string;
  readonly person: string;
  readonly isHeavy: boolean;
  /** Memory it holds while queued, in a unit of the caller. */
  readonly size: number;
  readonly run: () => Promise<T>;
}

export interface FairQueueLimits {
  readonly slots: number;
  /** Slots that heavy work may take. */
  readonly heavySlots: number;
  readonly waitingPerPerson: number;
  readonly waitingSizePerLane: number;
  readonly waitingSize: number;
}

/** The work was not started. `own`: the queue of the person or lane is full; `all`: that of all together is. */
export class QueueFullError extends Error {
  readonly code = 'queueFull';
  readonly whose: 'own' | 'all';
  constructor(whose: QueueFullError['whose']) {
    super(`Too much waits already: ${whose}`);
    this.whose = whose;
  }
}

interface Waiting extends Omit<QueuedWork<unknown>, 'run'> {
  readonly begin: () => Promise<void>;
}

export class FairQueue {
  readonly #limits: FairQueueLimits;
  /** Queued work by lane and person; in a lane, the person least recently served comes first. None is empty. */
  readonly #lanes = new Map<string, Map<string, Waiting[]>>();
  /** People with running work, by lane. */
  readonly #running = new Map<string, Set<string>>();
  /** Logical time of the last turn of each lane with queued or running work. */
  readonly #lastTurns = new Map<string, number>();
  #turns = 0;
  #runningCount = 0;
  #heavyRunning = 0;
  #waitingSize = 0;

  constructor(limits: FairQueueLimits) {
    this.#limits = limits;
  }

  /** Resolves as the work does. Rejects with {@link QueueFullError}, or as the work does. */
  run<T>({ run, ...work }: QueuedWork<T>): Promise<T> {
    const full = this.#fullFor(work);
    if (full !== null) return Promise.reject(new QueueFullError(full));
    return new Promise<T>((resolve, reject) => {
      const begin = (): Promise<void> => run().then(resolve, reject);
      const people = getOrAdd(this.#lanes, work.lane, () => new Map<string, Waiting[]>());
      getOrAdd(people, work.person, () => []).push({ ...work, begin });
      this.#waitingSize += work.size;
      this.#beginNext();
    });
  }

  #fullFor({ lane, person, size }: Omit<Waiting, 'begin'>): QueueFullError['whose'] | null {
    const { waitingPerPerson, waitingSizePerLane, waitingSize } = this.#limits;
    const people = this.#lanes.get(lane);
    const own = people?.get(person)?.length ?? 0;
    const laneSize = [...(people?.values() ?? [])].flat().reduce((sum, each) => sum + each.size, 0);
    // Accepted at any size while nothing else is queued.
    if (own >= waitingPerPerson) return 'own';
    if (laneSize > 0 && laneSize + size > waitingSizePerLane) return 'own';
    return this.#waitingSize > 0 && this.#waitingSize + size > waitingSize ? 'all' : null;
  }

  #beginNext(): void {
    while (this.#runningCount < this.#limits.slots) {
      const next = this.#takeNext();
      if (next === null) return;
      const { lane, person, isHeavy } = next;
      getOrAdd(this.#running, lane, () => new Set<string>()).add(person);
      this.#lastTurns.set(lane, ++this.#turns);
      this.#runningCount += 1;
      if (isHeavy) this.#heavyRunning += 1;
      void next.begin().then(() => {
        this.#ended(next);
        this.#beginNext();
      });
    }
  }

  #ended({ lane, person, isHeavy }: Waiting): void {
    const people = this.#running.get(lane);
    people?.delete(person);
    if (people?.size === 0) this.#running.delete(lane);
    if (people?.size === 0 && !this.#lanes.has(lane)) this.#lastTurns.delete(lane);
    this.#runningCount -= 1;
    if (isHeavy) this.#heavyRunning -= 1;
  }

  #takeNext(): Waiting | null {
    const inTurn = [...this.#lanes.keys()].sort((one, other) => this.#compare(one, other));
    for (const lane of inTurn) {
      const people = this.#lanes.get(lane) ?? new Map<string, Waiting[]>();
      for (const [person, [first, ...rest]] of people) {
        if (first === undefined || !this.#mayBegin(first)) continue;
        // Round-robin: moves to the end if it has more work.
        people.delete(person);
        if (rest.length > 0) people.set(person, rest);
        if (people.size === 0) this.#lanes.delete(lane);
        this.#waitingSize -= first.size;
        return first;
      }
    }
    return null;
  }

  /** The lane with less running work comes first, then the one least recently served. */
  #compare(one: string, other: string): number {
    const running = (lane: string): number => this.#running.get(lane)?.size ?? 0;
    const lastTurn = (lane: string): number => this.#lastTurns.get(lane) ?? 0;
    return running(one) - running(other) || lastTurn(one) - lastTurn(other);
  }

  #mayBegin({ lane, person, isHeavy }: Waiting): boolean {
    if (this.#running.get(lane)?.has(person) === true) return false;
    return !isHeavy || this.#heavyRunning < this.#limits.heavySlots;
  }
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
