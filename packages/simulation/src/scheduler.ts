/** Virtual time: one heap keyed by (time, sequence), so that equal times keep the order of scheduling. */

export interface Scheduled {
  readonly time: number;
  readonly sequence: number;
  readonly run: () => void;
  cancelled: boolean;
}

export class Scheduler {
  readonly #heap: Scheduled[] = [];
  #sequence = 0;
  #now = 0;

  /** Virtual milliseconds since the world began. */
  get now(): number {
    return this.#now;
  }

  after(delayMs: number, run: () => void): Scheduled {
    const entry: Scheduled = {
      time: this.#now + Math.max(0, Math.round(delayMs)),
      sequence: this.#sequence++,
      run,
      cancelled: false,
    };
    this.#push(entry);
    return entry;
  }

  /** Runs all entries up to and including `time`, then sets the clock to `time`. */
  runUntil(time: number): void {
    for (let next = this.#heap[0]; next !== undefined; next = this.#heap[0]) {
      if (next.time > time) break;
      this.#pop();
      if (next.cancelled) continue;
      this.#now = next.time;
      next.run();
    }
    this.#now = Math.max(this.#now, time);
  }

  #push(entry: Scheduled): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(entry);
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex];
      if (parent === undefined || !isBefore(entry, parent)) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let childIndex = 2 * index + 1;
      const left = heap[childIndex];
      if (left === undefined) break;
      const right = heap[childIndex + 1];
      let child = left;
      if (right !== undefined && isBefore(right, left)) {
        child = right;
        childIndex++;
      }
      if (!isBefore(child, last)) break;
      heap[index] = child;
      index = childIndex;
    }
    heap[index] = last;
  }
}

function isBefore(a: Scheduled, b: Scheduled): boolean {
  return a.time < b.time || (a.time === b.time && a.sequence < b.sequence);
}
