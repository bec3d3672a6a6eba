/** Cutting an operation that is too large for one message (protocol.md rule 7). */
import { countCodePoints, OperationBuilder, type TextOperation } from './operation.ts';
import { componentBytes, operationBytes, type OperationLimits } from './validate.ts';

/**
 * Splits an operation in two whose composition is the operation, so that the first is within the limits.
 * The second may need splitting again; it is empty when the operation fits as it is.
 */
export function splitOperation(
  operation: TextOperation,
  limits: Pick<OperationLimits, 'components' | 'bytes'>,
): readonly [first: TextOperation, rest: TextOperation] {
  if (operation.length <= limits.components && operationBytes(operation) <= limits.bytes) {
    return [operation, []];
  }
  const first = new OperationBuilder();
  const rest = new OperationBuilder();
  let bytes = 2;
  let index = 0;
  for (; index < operation.length && index < limits.components; index++) {
    const component = operation[index];
    if (component === undefined) break;
    const size = componentBytes(component);
    if (bytes + size <= limits.bytes) {
      bytes += size;
      if (typeof component === 'number') {
        first.retain(component);
        rest.retain(component);
      } else if (typeof component === 'string') {
        first.insert(component);
        rest.retain(countCodePoints(component));
      } else first.delete(component.d);
      continue;
    }
    if (typeof component === 'string') {
      // Six bytes is the most that one UTF-16 unit takes in JSON.
      let end = Math.floor((limits.bytes - bytes - 3) / 6);
      while (end < component.length) {
        const more = Math.floor(
          (limits.bytes - bytes - componentBytes(component.slice(0, end))) / 6,
        );
        if (more <= 0) break;
        end += more;
      }
      if (end > 0 && (component.charCodeAt(end - 1) & 0xfc00) === 0xd800) end--;
      if (end > 0) {
        const head = component.slice(0, end);
        first.insert(head);
        rest.retain(countCodePoints(head));
        rest.insert(component.slice(end));
        index++;
      }
    }
    break;
  }
  for (const component of operation.slice(index)) {
    if (typeof component === 'number') rest.retain(component);
    else if (typeof component === 'string') rest.insert(component);
    else rest.delete(component.d);
  }
  return [first.build(), rest.build()];
}
