/**
 * The strict validator in front of the operation type (docs/protocol.md#operations). `ot-text-unicode` itself
 * accepts inserts past the end, fractions and lone surrogates; some of them block the process.
 */
import { isWellFormed } from './document-text.ts';
import { jsonStringBytes } from './json-bytes.ts';
import { countCodePoints, type Component, type TextOperation } from './operation.ts';

/** Caps that bound what one operation can cost (I8). */
export interface OperationLimits {
  /** Components of one operation. */
  readonly components: number;
  /** Size of the operation as JSON in UTF-8. */
  readonly bytes: number;
  /** Length of the text the operation produces, in code points. */
  readonly documentCodePoints: number;
}

export type OperationFault =
  | 'malformedOperation'
  | 'tooManyComponents'
  | 'operationTooLarge'
  | 'operationOutOfRange'
  | 'documentTooLarge';

export type ValidationResult =
  | { readonly ok: true; readonly operation: TextOperation; readonly lengthChange: number }
  | { readonly ok: false; readonly fault: OperationFault; readonly detail: string };

const fail = (fault: OperationFault, detail: string): ValidationResult => ({
  ok: false,
  fault,
  detail,
});

/**
 * Accepts only canonical operations that apply to a text of `baseLength` code points: whole counts of at
 * least 1, well-formed non-empty strings, deletes by count with no other key, neighbours of different
 * kinds, no trailing count. Cost is bounded by the limits, whatever the candidate.
 */
export function validateOperation(
  candidate: unknown,
  baseLength: number,
  limits: OperationLimits,
): ValidationResult {
  if (!Array.isArray(candidate)) return fail('malformedOperation', 'An operation is an array');
  if (candidate.length > limits.components) {
    return fail('tooManyComponents', `At most ${limits.components} components are allowed`);
  }
  const components: readonly unknown[] = candidate;
  let read = 0;
  let change = 0;
  let bytes = 2;
  let previousKind = '';
  const tooLarge = `At most ${limits.bytes} bytes are allowed`;
  for (let index = 0; index < components.length; index++) {
    const component = components[index];
    const kind = typeof component;
    if (kind === previousKind) {
      return fail('malformedOperation', `Components ${index - 1} and ${index} should be one`);
    }
    previousKind = kind;
    if (typeof component === 'number') {
      if (!isCount(component)) {
        return fail('malformedOperation', `Component ${index} is not a count of at least 1`);
      }
      read += component;
      bytes += 1 + digits(component);
    } else if (typeof component === 'string') {
      // Every unit takes at least a byte, so that a huge string is refused without reading it.
      if (bytes + component.length > limits.bytes) return fail('operationTooLarge', tooLarge);
      if (component === '' || !isWellFormed(component)) {
        return fail(
          'malformedOperation',
          `Component ${index} is not a well-formed, non-empty text`,
        );
      }
      change += countCodePoints(component);
      bytes += 1 + jsonStringBytes(component);
    } else {
      const count = deleteCount(component);
      if (count === null) {
        return fail('malformedOperation', `Component ${index} is not a delete by count`);
      }
      read += count;
      change -= count;
      bytes += 7 + digits(count);
    }
    if (bytes > limits.bytes) return fail('operationTooLarge', tooLarge);
    if (read > baseLength) {
      return fail('operationOutOfRange', `The text has only ${baseLength} code points`);
    }
  }
  if (previousKind === 'number') {
    return fail('malformedOperation', 'The last component must not be a count');
  }
  if (change > 0 && baseLength + change > limits.documentCodePoints) {
    return fail('documentTooLarge', `At most ${limits.documentCodePoints} characters are allowed`);
  }
  return { ok: true, operation: components as TextOperation, lengthChange: change };
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 1;

function deleteCount(component: unknown): number | null {
  if (typeof component !== 'object' || component === null || Array.isArray(component)) return null;
  const keys = Object.keys(component);
  if (keys.length !== 1 || keys[0] !== 'd') return null;
  const count = (component as { d: unknown }).d;
  return typeof count === 'number' && isCount(count) ? count : null;
}

const digits = (count: number): number => String(count).length;

/** Size of one component as JSON in UTF-8, with the comma behind it. */
export function componentBytes(component: Component): number {
  if (typeof component === 'number') return 1 + digits(component);
  if (typeof component === 'string') return 1 + jsonStringBytes(component);
  return 7 + digits(component.d);
}

/** Size of an operation as JSON in UTF-8, at most one byte too high. */
export function operationBytes(operation: TextOperation): number {
  let bytes = 2;
  for (const component of operation) bytes += componentBytes(component);
  return bytes;
}

/** Whether {@link operationBytes} is at most `bytes`; strings longer than that are not read. */
export function isWithin(operation: TextOperation, bytes: number): boolean {
  let left = bytes - 2;
  for (const component of operation) {
    // Every unit takes at least a byte.
    if (typeof component === 'string' && component.length > left) return false;
    left -= componentBytes(component);
    if (left < 0) return false;
  }
  return left >= 0;
}
