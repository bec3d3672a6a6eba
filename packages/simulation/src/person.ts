/** What people do in an editor: type, paste, delete, replace, undo, move the caret. */
import {
  countCodePoints,
  OperationBuilder,
  transformUncommitted,
  type DocumentText,
  type TextOperation,
} from '@concord/ot';
import type { Characters } from './characters.ts';
import type { Random } from './random.ts';

export const ANYWHERE = 1_000_000;

export class Person {
  readonly #random: Random;
  readonly #reach: number;
  readonly #characters: Characters;
  #caret = 0;
  /** The inverse of the newest own edit, transformed over all edits since. */
  #undo: TextOperation | null = null;

  /** @param reach edits stay within this many code points from the start, so that they meet more often */
  constructor(random: Random, characters: Characters, reach = ANYWHERE) {
    this.#random = random;
    this.#characters = characters;
    this.#reach = reach;
  }

  get caret(): number {
    return this.#caret;
  }

  /** Moves caret and undo over an operation, own or foreign. */
  changed(before: DocumentText, operation: TextOperation, isOwn: boolean): void {
    if (isOwn) {
      this.#undo = before.invert(operation);
      return;
    }
    this.#caret = nudged(this.#caret, operation);
    if (this.#undo !== null) this.#undo = transformUncommitted(this.#undo, operation);
  }

  /** A new page: the caret is at the start, and nothing can be undone. */
  reloaded(): void {
    this.#caret = 0;
    this.#undo = null;
  }

  moveCaret(text: DocumentText): number {
    this.#caret = this.#random.integer(0, text.lengthCodePoints);
    return this.#caret;
  }

  /** The next edit of the text; it may change nothing. */
  nextEdit(text: DocumentText): TextOperation {
    const random = this.#random;
    const length = text.lengthCodePoints;
    const drawn = random.next();
    if (drawn < 0.5 || length === 0) return this.#type(length, random.integer(1, 4));
    if (drawn < 0.53) return this.#type(length, random.integer(30, 120));
    if (drawn < 0.72) return this.#delete(length, random.integer(1, 6));
    if (drawn < 0.74) return this.#delete(length, Math.ceil(length / 2));
    if (drawn < 0.86) return this.#replace(length);
    if (drawn < 0.92) return this.#replaceEverywhere(length);
    return this.#undoOrType(length);
  }

  #place(last: number): number {
    return this.#random.integer(0, Math.min(last, this.#reach));
  }

  #type(length: number, count: number): TextOperation {
    if (this.#random.chance(0.4)) this.#caret = this.#place(length);
    const position = Math.min(this.#caret, length, this.#reach);
    const text = this.#characters.text(count, this.#random);
    this.#caret = position + count;
    return new OperationBuilder().retain(position).insert(text).build();
  }

  #delete(length: number, count: number): TextOperation {
    const position = this.#place(length - 1);
    return new OperationBuilder()
      .retain(position)
      .delete(Math.min(count, length - position))
      .build();
  }

  #replace(length: number): TextOperation {
    const random = this.#random;
    const position = this.#place(length - 1);
    const operation = new OperationBuilder().retain(position);
    const text = this.#characters.text(random.integer(1, 3), random);
    const count = Math.min(random.integer(1, 5), length - position);
    if (random.chance(0.5)) operation.insert(text).delete(count);
    else operation.delete(count).insert(text);
    return operation.build();
  }

  #replaceEverywhere(length: number): TextOperation {
    const random = this.#random;
    const operation = new OperationBuilder();
    let left = length;
    for (let parts = random.integer(2, 6); parts > 0 && left > 0; parts--) {
      const kept = random.integer(0, left);
      left -= kept;
      operation.retain(kept).insert(this.#characters.text(random.integer(0, 2), random));
      const removed = random.integer(0, Math.min(2, left));
      left -= removed;
      operation.delete(removed);
    }
    return operation.build();
  }

  /** Undoing a deletion inserts new characters, since the deleted ones may not return (characters.ts). */
  #undoOrType(length: number): TextOperation {
    if (this.#undo === null) return this.#type(length, 1);
    const undo = this.#undo.map((component) =>
      typeof component === 'string'
        ? this.#characters.text([...component].length, this.#random)
        : component,
    );
    this.#undo = null;
    return undo;
  }
}

/**
 * Where a person goes on typing after others' changes. Not the rule for carets (`movePosition`), which may be changed:
 * this one decides what is typed where, and another one would make every seed another world.
 */
function nudged(caret: number, operation: TextOperation): number {
  let read = 0;
  let moved = caret;
  for (const component of operation) {
    if (read >= caret) break;
    if (typeof component === 'number') read += component;
    else if (typeof component === 'string') moved += countCodePoints(component);
    else {
      moved -= Math.min(component.d, caret - read);
      read += component.d;
    }
  }
  return moved;
}
