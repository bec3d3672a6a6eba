/**
 * Sets `--keyboard-inset` to the height covered by an on-screen keyboard, so that the toolbar is placed above it.
 * Browsers with `interactive-widget=resizes-content` shrink the page, so that nothing is covered.
 */
import { useEffect } from 'react';

export function useKeyboardInset(): void {
  useEffect(() => {
    const viewport = window.visualViewport;
    if (viewport === null) return undefined;
    const measure = (): void => {
      // During pinch zoom the smaller visual viewport is not caused by a keyboard.
      const covered = viewport.scale > 1 ? 0 : innerHeight - viewport.height - viewport.offsetTop;
      const inset = Math.max(0, Math.round(covered));
      document.documentElement.style.setProperty('--keyboard-inset', `${inset}px`);
    };
    measure();
    viewport.addEventListener('resize', measure);
    viewport.addEventListener('scroll', measure);
    return () => {
      viewport.removeEventListener('resize', measure);
      viewport.removeEventListener('scroll', measure);
      document.documentElement.style.removeProperty('--keyboard-inset');
    };
  }, []);
}
