/** A line above the list: the server is unreachable, and what works offline. */
import { useSyncExternalStore } from 'react';
import { offlineMessages } from './offline-messages.ts';
import { OfflineIcon } from './offline-icons.tsx';

const words = offlineMessages.list;

function subscribe(listener: () => void): () => void {
  addEventListener('online', listener);
  addEventListener('offline', listener);
  return () => {
    removeEventListener('online', listener);
    removeEventListener('offline', listener);
  };
}

export function OfflineNote(props: {
  readonly isOffline: boolean;
  /** A search is active; the texts are searched only on the server. */
  readonly isSearch: boolean;
}) {
  const { isOffline, isSearch } = props;
  const hasNetwork = useSyncExternalStore(subscribe, () => navigator.onLine);
  return (
    // A live region must exist before its text, to be read out.
    <div aria-live="polite">
      {isOffline && (
        <p className="list-note offline-note">
          <OfflineIcon />
          <span>
            {hasNetwork ? words.unreachable : words.offline}
            {isSearch && ` ${words.titlesOnly}`}
          </span>
        </p>
      )}
    </div>
  );
}
