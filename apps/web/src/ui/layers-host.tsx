/** Mount point of all popups, beside the pages. They are loaded in an idle callback. */
import { useEffect, useSyncExternalStore } from 'react';
import { messages } from '../i18n/messages.ts';
import { layers } from './layers.ts';
import { useNotify } from './notify.tsx';

/** Delay in browsers without `requestIdleCallback`. */
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
