/**
 * How much of the page an on-screen keyboard covers, as `--keyboard-inset`, so that the toolbar stands
 * above it. Browsers that follow `interactive-widget=resizes-content` shrink the page and cover nothing.
 */
import { useEffect } from 'react';

export function useKeyboardInset(): void {
  useEffect(() => {
    const viewport = window.visualViewport;
    if (viewport === null) return undefined;
    const measure = (): void => {
      // While somebody zooms with two fingers, the smaller viewport is not a keyboard's doing.
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
