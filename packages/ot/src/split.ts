/** Splits operations that are too large for one message (docs/protocol.md#large-operations). */
import { beginningWithin } from './json-bytes.ts';
import { countCodePoints, OperationBuilder, type TextOperation } from './operation.ts';
import { componentBytes, isWithin, type OperationLimits } from './validate.ts';

/**
 * Splits an operation in two whose composition is the operation, so that the first is within the limits.
 * The second may need splitting again; it is empty when the operation fits as it is.
 *
 * Limits of at least 2 components and 64 bytes always let the first change something, so that repeated
 * splitting ends. Throws RangeError when smaller ones do not.
 */
export function splitOperation(
  operation: TextOperation,
  limits: Pick<OperationLimits, 'components' | 'bytes'>,
): readonly [first: TextOperation, rest: TextOperation] {
  if (operation.length <= limits.components && isWithin(operation, limits.bytes)) {
    return [operation, []];
  }
  const first = new OperationBuilder();
  const rest = new OperationBuilder();
  let bytesLeft = limits.bytes - 2;
  let componentsLeft = limits.components;

  const fill = (component: number | string | { readonly d: number }): void => {
    bytesLeft -= componentBytes(component);
    componentsLeft--;
    if (typeof component === 'number') {
      first.retain(component);
      rest.retain(component);
    } else if (typeof component === 'string') {
      first.insert(component);
      rest.retain(countCodePoints(component));
    } else first.delete(component.d);
  };

  for (const [index, component] of operation.entries()) {
    if (componentsLeft > 0 && isWithin([component], bytesLeft + 2)) {
      fill(component);
    } else if (typeof component === 'string' && componentsLeft > 0) {
      // The first part deletes the text that the insertion replaces: else a text near the length limit would
      // exceed it until the last part arrives.
      const next = operation[index + 1];
      const replaces = typeof next === 'object' && componentsLeft > 1;
      const reserved = replaces ? componentBytes(next) : 0;
      const head = beginningWithin(component, bytesLeft - reserved - '"",'.length);
      if (head !== '') fill(head);
      rest.insert(component.slice(head.length));
      componentsLeft = replaces ? 1 : 0;
    } else {
      componentsLeft = 0;
      if (typeof component === 'number') rest.retain(component);
      else if (typeof component === 'string') rest.insert(component);
      else rest.delete(component.d);
    }
  }
  const firstPart = first.build();
  if (firstPart.length === 0) {
    throw new RangeError('The limits are too small for any part of the operation');
  }
  return [firstPart, rest.build()];
}
