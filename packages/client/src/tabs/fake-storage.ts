/** For tests: the part of `localStorage` that is used. Items are enumerable as its own keys. */
export function fakeStorage(): object {
  const items: Record<string, string> = {};
  return Object.defineProperties(items, {
    getItem: { value: (key: string) => items[key] ?? null },
    setItem: { value: (key: string, value: string) => void (items[key] = value) },
    removeItem: { value: (key: string) => void delete items[key] },
  });
}
