/**
 * Text operations. This file is the only importer of `ot-text-unicode`.
 *
 * An operation walks over a text: a number keeps that many code points, a string inserts itself, and
 * `{d: n}` deletes n code points. What lies behind the last component is kept. Operations are values:
 * nothing here changes its arguments.
 */
import { type as unicodeText } from 'ot-text-unicode';

/** One step of an operation; counts are Unicode code points, at least 1. */
export type Component = number | string | { readonly d: number };

/** An operation in canonical form: neighbours differ in kind and the last component is not a number. */
export type TextOperation = readonly Component[];

type Loose = Parameters<typeof unicodeText.compose>[0];
const loose = (operation: TextOperation): Loose => operation as Loose;
const canonical = (operation: Loose): TextOperation => operation as TextOperation;

/** The operation that changes nothing. */
export const noOperation: TextOperation = [];

/** True for an operation that changes nothing. */
export function isNoOperation(operation: TextOperation): boolean {
  return operation.length === 0;
}

const LEADING_HALF = /[\ud800-\udbff]/;
/** From this length on it is faster to test for surrogate pairs first: a text without any needs no loop. */
const LONG = 64;

/** Number of Unicode code points in a well-formed string. */
export function countCodePoints(text: string): number {
  if (text.length > LONG && !LEADING_HALF.test(text)) return text.length;
  let count = text.length;
  for (let i = 0; i < text.length; i++) {
    // Each surrogate pair is two UTF-16 units and one code point; count the leading halves.
    if ((text.charCodeAt(i) & 0xfc00) === 0xd800) count--;
  }
  return count;
}

/** Index in UTF-16 units of the code point number `codePoints` of `text`. */
export function utf16OffsetOf(text: string, codePoints: number): number {
  let offset = 0;
  for (let seen = 0; seen < codePoints && offset < text.length; seen++) {
    offset += (text.charCodeAt(offset) & 0xfc00) === 0xd800 ? 2 : 1;
  }
  return offset;
}

/** Inserts `text` at a position in code points. Throws RangeError for a position that is not a count. */
export function insertAt(position: number, text: string): TextOperation {
  requireCount(position);
  if (text === '') return noOperation;
  return position === 0 ? [text] : [position, text];
}

/** Removes `count` code points at a position. Throws RangeError for arguments that are not counts. */
export function removeAt(position: number, count: number): TextOperation {
  requireCount(position);
  requireCount(count);
  if (count === 0) return noOperation;
  return position === 0 ? [{ d: count }] : [position, { d: count }];
}

function requireCount(value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(
      `A position or length must be a whole number of code points, not ${value}`,
    );
  }
}

/** Collects components into canonical form. */
export class OperationBuilder {
  readonly #components: (number | string | { d: number })[] = [];

  retain(count: number): this {
    if (count === 0) return this;
    const last = this.#components.length - 1;
    const previous = this.#components[last];
    if (typeof previous === 'number') this.#components[last] = previous + count;
    else this.#components.push(count);
    return this;
  }

  insert(text: string): this {
    if (text === '') return this;
    const last = this.#components.length - 1;
    const previous = this.#components[last];
    if (typeof previous === 'string') this.#components[last] = previous + text;
    else this.#components.push(text);
    return this;
  }

  delete(count: number): this {
    if (count === 0) return this;
    const previous = this.#components.at(-1);
    if (typeof previous === 'object') previous.d += count;
    else this.#components.push({ d: count });
    return this;
  }

  build(): TextOperation {
    if (typeof this.#components.at(-1) === 'number') this.#components.pop();
    return this.#components;
  }
}

/** One operation with the effect of `first`, then `second`. Exact for applying (docs/protocol.md#sides). */
export function compose(first: TextOperation, second: TextOperation): TextOperation {
  if (first.length === 0) return second;
  if (second.length === 0) return first;
  return canonical(unicodeText.compose(loose(first), loose(second)));
}

/** `first.then(second)` of a list, pairwise as a tree so that n operations cost n log n. */
export function composeAll(operations: readonly TextOperation[]): TextOperation {
  if (operations.length === 0) return noOperation;
  let layer = operations;
  while (layer.length > 1) {
    const next: TextOperation[] = [];
    for (let i = 0; i < layer.length; i += 2) {
      const left = layer[i] ?? noOperation;
      const right = layer[i + 1];
      next.push(right === undefined ? left : compose(left, right));
    }
    layer = next;
  }
  return layer[0] ?? noOperation;
}

/**
 * The one place that decides sides (docs/protocol.md#sides): of two insertions at the same position the
 * committed one, which has its version already, stays left. Owner and client both call these two.
 *
 * @returns `uncommitted` as it must read after `committed` has been applied.
 */
export function transformUncommitted(
  uncommitted: TextOperation,
  committed: TextOperation,
): TextOperation {
  if (uncommitted.length === 0 || committed.length === 0) return uncommitted;
  return canonical(unicodeText.transform(loose(uncommitted), loose(committed), 'right'));
}

/** @returns `committed` as it must read after `uncommitted` has been applied. See {@link transformUncommitted}. */
export function transformCommitted(
  committed: TextOperation,
  uncommitted: TextOperation,
): TextOperation {
  if (committed.length === 0 || uncommitted.length === 0) return committed;
  return canonical(unicodeText.transform(loose(committed), loose(uncommitted), 'left'));
}

/** Position just behind the last thing an operation changed, in code points of the text it produces. */
export function endOfLastChange(operation: TextOperation): number {
  let written = 0;
  let end = 0;
  for (const component of operation) {
    if (typeof component === 'number') written += component;
    else {
      if (typeof component === 'string') written += countCodePoints(component);
      end = written;
    }
  }
  return end;
}

/** Code points an operation adds (positive) or removes (negative) in sum. */
export function lengthChange(operation: TextOperation): number {
  let change = 0;
  for (const component of operation) {
    if (typeof component === 'string') change += countCodePoints(component);
    else if (typeof component === 'object') change -= component.d;
  }
  return change;
}

/** The text an operation inserts, its pieces joined by a newline: what a person would want back. */
export function insertedText(operation: TextOperation): string {
  return operation.filter((component) => typeof component === 'string').join('\n');
}
