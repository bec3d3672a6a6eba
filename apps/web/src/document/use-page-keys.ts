/** Page-wide keyboard shortcuts; within the text the editor handles them first. */
import { useEffect } from 'react';

export function usePageKeys(keys: {
  readonly onSave: () => void;
  readonly onKeySheet: () => void;
}): void {
  const { onSave, onKeySheet } = keys;
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      const isMod = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
      if (event.defaultPrevented || !isMod) return;
      if (event.key === 's') onSave();
      else if (event.key === '/') onKeySheet();
      else return;
      event.preventDefault();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, [onSave, onKeySheet]);
}
