/** The newest operations of a document: what stale submissions are transformed over and joins catch up by. */
import { effectBytes, lengthChange, movePosition, type TextOperation } from '@concord/ot';
import type { Client } from './clients.ts';
import type { LoggedOperation } from '../../store/ports/store.ts';

interface Entry {
  readonly logged: LoggedOperation;
  readonly lengthAfter: number;
  /** Steps of all entries up to this one, since the window was made: the cost of a range is a difference. */
  readonly stepsUpTo: number;
  /** Bytes of all entries up to this one on the wire, likewise. */
  readonly bytesUpTo: number;
}

/** What a committed operation takes on the wire besides its components: client id, author, numbers, names of fields. */
const ENVELOPE_BYTES = 110;

/** About how many bytes a committed operation takes on the wire: what a budget needs, a tenth of the exact price. */
export function aboutBytes(operation: TextOperation): number {
  let bytes = ENVELOPE_BYTES;
  for (const component of operation) {
    bytes += typeof component === 'string' ? component.length + 3 : 6;
  }
  return bytes;
}

/** … and with its effects. */
export function aboutBytesOf({ op, effects }: Pick<LoggedOperation, 'op' | 'effects'>): number {
  return effects === undefined ? aboutBytes(op) : aboutBytes(op) + effectBytes(effects);
}

/** Characters of an insertion that take as long to count as one component to walk over. */
const CHARACTERS_PER_STEP = 128;

/** What walking over an operation costs, in component steps: the characters that it inserts are counted each time. */
export function stepsOf(operation: TextOperation): number {
  let characters = 0;
  for (const component of operation) {
    if (typeof component === 'string') characters += component.length;
  }
  return operation.length + 1 + Math.floor(characters / CHARACTERS_PER_STEP);
}

export class RecentOperations {
  #entries: Entry[] = [];
  #from: number;
  #lengthAtFrom: number;
  #steps = 0;
  /** On the wire, up to the newest entry and up to the first: only differences mean something. */
  #bytes = 0;
  #droppedBytes = 0;

  /**
   * @param from version of the text before the first entry
   * @param lengthAtFrom its length in code points
   */
  constructor(from: number, lengthAtFrom: number, operations: readonly LoggedOperation[]) {
    this.#from = from;
    this.#lengthAtFrom = lengthAtFrom;
    for (const logged of operations) this.push(logged);
  }

  /** Lowest version from which operations are known. */
  get from(): number {
    return this.#from;
  }

  /** Version that the newest entry produces. */
  get until(): number {
    return this.#from + this.#entries.length;
  }

  /** About how much the entries occupy, as JSON. */
  get bytes(): number {
    return this.#bytes - this.#droppedBytes;
  }

  /** About how much the operations that produce the versions from `after + 1` to `until` take on the wire. */
  bytesBetween(after: number, until: number = this.until): number {
    return this.#bytesUpTo(until) - this.#bytesUpTo(after);
  }

  /** The lowest version from which the entries occupy at most `bytes`. */
  versionWithin(bytes: number): number {
    let low = this.#from;
    let high = this.until;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.bytesBetween(middle) > bytes) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  push(logged: LoggedOperation): void {
    const lengthAfter = this.lengthAt(this.until) + lengthChange(logged.op);
    this.#steps += stepsOf(logged.op);
    this.#bytes += aboutBytesOf(logged);
    this.#entries.push({
      logged,
      lengthAfter,
      stepsUpTo: this.#steps,
      bytesUpTo: this.#bytes,
    });
  }

  /** Length in code points of the text at `version`, which lies within the window. */
  lengthAt(version: number): number {
    if (version === this.#from) return this.#lengthAtFrom;
    const entry = this.#entries[version - this.#from - 1];
    if (entry === undefined) throw new RangeError(`Version ${version} is not in the window`);
    return entry.lengthAfter;
  }

  /** The operation that produced a version, or undefined when it is not in the window. */
  at(version: number): LoggedOperation | undefined {
    return this.#entries[version - this.#from - 1]?.logged;
  }

  /** Operations that produce the versions from `after + 1` to `until`. */
  between(after: number, until: number = this.until): LoggedOperation[] {
    return this.#entries
      .slice(Math.max(0, after - this.#from), until - this.#from)
      .map((entry) => entry.logged);
  }

  /** What moving an operation that takes `steps` itself from `version` to the newest costs, in component steps. */
  transformCost(version: number, steps: number): number {
    const before = this.#entries[version - this.#from - 1]?.stepsUpTo;
    const others = this.#steps - (before ?? this.#stepsBefore());
    return others + (this.until - version) * steps;
  }

  /** The caret of a client in the text at `version`, moved to the text at `until`. */
  moveCaret(position: number, version: number, until: number, owner: Client): number {
    let moved = Math.min(position, this.lengthAt(version));
    for (const { op, clientId, author } of this.between(version, until)) {
      // The author's own caret stands behind the inserted text; others' insertions at it leave it where it is.
      const isOwn = clientId === owner.clientId && author === owner.userId;
      moved = movePosition(moved, op, isOwn ? 'after' : 'before');
    }
    return moved;
  }

  /** Puts older operations in front; the last of them produces the present `from`. Costs what they are, not what is there. */
  prepend(operations: readonly LoggedOperation[]): void {
    const older: Entry[] = [];
    let lengthAfter = this.#lengthAtFrom;
    let stepsUpTo = this.#stepsBefore();
    let bytesUpTo = this.#droppedBytes;
    for (const logged of operations.toReversed()) {
      older.push({ logged, lengthAfter, stepsUpTo, bytesUpTo });
      lengthAfter -= lengthChange(logged.op);
      stepsUpTo -= stepsOf(logged.op);
      bytesUpTo -= aboutBytesOf(logged);
    }
    this.#entries = [...older.reverse(), ...this.#entries];
    this.#from -= operations.length;
    this.#lengthAtFrom = lengthAfter;
    this.#droppedBytes = bytesUpTo;
  }

  /** Forgets operations up to `version`. */
  dropUntil(version: number): void {
    const count = version - this.#from;
    if (count <= 0) return;
    this.#lengthAtFrom = this.lengthAt(version);
    this.#droppedBytes = this.#bytesUpTo(version);
    this.#entries.splice(0, count);
    this.#from = version;
  }

  #bytesUpTo(version: number): number {
    return this.#entries[version - this.#from - 1]?.bytesUpTo ?? this.#droppedBytes;
  }

  #stepsBefore(): number {
    const first = this.#entries[0];
    return first === undefined ? this.#steps : first.stepsUpTo - stepsOf(first.logged.op);
  }
}
