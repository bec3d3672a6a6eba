/** Where the popups are rendered: once, beside the pages. They are loaded when the page has nothing else to do. */
import { useEffect, useSyncExternalStore } from 'react';
import { messages } from '../i18n/messages.ts';
import { layers } from './layers.ts';
import { useNotify } from './notify.tsx';

/** For browsers that do not say when they are idle. */
const IDLE_MS = 1_000;

export function LayersHost() {
  const notify = useNotify();
  const renderPopups = useSyncExternalStore(layers.subscribe, layers.snapshot);
  useEffect(() => layers.whenFailed(() => notify(messages.document.partFailed)), [notify]);
  useEffect(() => {
    if (!('requestIdleCallback' in window)) {
      const timer = setTimeout(layers.prepare, IDLE_MS);
      return () => clearTimeout(timer);
    }
    const callback = requestIdleCallback(layers.prepare);
    return () => cancelIdleCallback(callback);
  }, []);
  return renderPopups?.();
}
