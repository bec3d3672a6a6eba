/** Shared values are frozen instead of copied, so that a mutation throws at once. */

/** Deep-freezes plain data. A frozen object is assumed to be deep-frozen. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  if (Array.isArray(value)) for (const element of value) deepFreeze<unknown>(element);
  else for (const key in value) deepFreeze(value[key]);
  return value;
}
