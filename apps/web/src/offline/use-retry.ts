import { useEffect } from 'react';

const RETRY_MS = 3_000;

/** Tries again and again while `isNeeded`: when the network is back, and every few seconds while one looks. */
export function useRetry(isNeeded: boolean, retry: () => void): void {
  useEffect(() => {
    if (!isNeeded) return undefined;
    // Not in step with all the others whom the server left alone.
    const everyMs = RETRY_MS * (1 + Math.random());
    const timer = setInterval(() => {
      // "Off line" is reliable, "on line" is not.
      if (document.visibilityState === 'visible' && navigator.onLine) retry();
    }, everyMs);
    addEventListener('online', retry);
    return () => {
      clearInterval(timer);
      removeEventListener('online', retry);
    };
  }, [isNeeded, retry]);
}
