/** Where other people's carets stand in the visible text. Positions are code points. */
import { countCodePoints, endOfLastChange, movePosition, type TextOperation } from '@concord/ot';
import type { Caret } from '@concord/protocol';
import type { Buffer } from './buffer.ts';

interface Position {
  readonly anchor: number;
  readonly head: number;
}

/**
 * Where a position in the text that `operation` produced stood before it: inside an insertion, at its
 * start; behind a deletion, behind what was deleted.
 */
export function positionBefore(position: number, operation: TextOperation): number {
  let read = 0;
  let written = 0;
  for (const component of operation) {
    if (written >= position && typeof component === 'number') break;
    if (typeof component === 'number') {
      const step = Math.min(component, position - written);
      read += step;
      written += step;
      if (step < component) return read;
    } else if (typeof component === 'string') {
      written += Math.min(countCodePoints(component), position - written);
    } else if (written < position || read === 0) {
      read += component.d;
    }
  }
  return read + Math.max(0, position - written);
}

/** A selection of the visible text as positions in the confirmed text. */
export function toConfirmed(position: number, buffer: Buffer): number {
  const afterInFlight = positionBefore(position, buffer.pending);
  const confirmed =
    buffer.inFlight === null ? afterInFlight : positionBefore(afterInFlight, buffer.inFlight.op);
  return Math.min(confirmed, buffer.confirmed.lengthCodePoints);
}

/** A reader's caret is not pushed along by what others type at it. */
const moved = (position: number, operation: TextOperation): number =>
  movePosition(position, operation, 'before');

function toVisible(position: number, buffer: Buffer): number {
  const afterInFlight = buffer.inFlight === null ? position : moved(position, buffer.inFlight.op);
  return Math.min(moved(afterInFlight, buffer.pending), buffer.visible.lengthCodePoints);
}

/** Keeps carets true while operations pass; holds back those of versions not applied yet (docs/protocol.md#carets). */
export class CaretTracker {
  readonly #visible = new Map<number, Position>();
  readonly #early = new Map<number, Caret>();

  /** Carets by session number. */
  get positions(): ReadonlyMap<number, Position> {
    return this.#visible;
  }

  /** Returns true when a position changed. */
  receive(carets: readonly Caret[], buffer: Buffer, self: number): boolean {
    let moved = false;
    for (const caret of carets) {
      if (caret.session === self || caret.version < buffer.version) continue;
      if (caret.version > buffer.version) this.#early.set(caret.session, caret);
      else {
        this.#early.delete(caret.session);
        this.#visible.set(caret.session, {
          anchor: toVisible(caret.anchor, buffer),
          head: toVisible(caret.head, buffer),
        });
        moved = true;
      }
    }
    return moved;
  }

  /** The visible text went through `operation`; the caret of its author stands behind the change. */
  applied(operation: TextOperation, authorSession: number | null): void {
    if (operation.length === 0) return;
    for (const [session, { anchor, head }] of this.#visible) {
      if (session === authorSession) {
        const end = endOfLastChange(operation);
        this.#visible.set(session, { anchor: end, head: end });
      } else {
        this.#visible.set(session, {
          anchor: moved(anchor, operation),
          head: moved(head, operation),
        });
      }
    }
  }

  /** The confirmed text reached a new version: held back carets may be shown now. */
  advanced(buffer: Buffer): boolean {
    if (this.#early.size === 0) return false;
    const due = [...this.#early.values()].filter((caret) => caret.version <= buffer.version);
    for (const caret of due) this.#early.delete(caret.session);
    return this.receive(due, buffer, -1);
  }

  /** Forgets who is not among `sessions`. */
  keepOnly(sessions: ReadonlySet<number>): void {
    for (const session of this.#visible.keys()) {
      if (!sessions.has(session)) this.#visible.delete(session);
    }
    for (const session of this.#early.keys()) {
      if (!sessions.has(session)) this.#early.delete(session);
    }
  }

  clear(): void {
    this.#visible.clear();
    this.#early.clear();
  }
}
