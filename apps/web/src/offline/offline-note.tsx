/** One quiet line above the list: that the server is away, and what that means here. */
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
  /** Texts are searched on the server. */
  readonly isSearch: boolean;
}) {
  const { isOffline, isSearch } = props;
  const hasNetwork = useSyncExternalStore(subscribe, () => navigator.onLine);
  return (
    // There before its text is, so that the text is read out.
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
