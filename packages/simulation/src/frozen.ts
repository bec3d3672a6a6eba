/** Values that are shared instead of copied: frozen, so that changing one fails at once. */

/** Freezes plain data through and through. What is frozen already is so with all it holds. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  if (Array.isArray(value)) for (const element of value) deepFreeze<unknown>(element);
  else for (const key in value) deepFreeze(value[key]);
  return value;
}
