/** `localStorage`, or memory of the page where the browser blocks it. */
const own = new Map<string, string>();

export const storage = {
  get(key: string): string | null {
    try {
      return localStorage.getItem(key);
    } catch {
      return own.get(key) ?? null;
    }
  },
  set(key: string, value: string): void {
    try {
      localStorage.setItem(key, value);
    } catch {
      own.set(key, value);
    }
  },
  remove(key: string): void {
    own.delete(key);
    try {
      localStorage.removeItem(key);
    } catch {
      // Storage is blocked: there is nothing to remove.
    }
  },
} as const;
