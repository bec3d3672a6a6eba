/** Notice "A new version is ready", with a button that activates it. Does not block the page, never acts by itself. */
import { useSyncExternalStore } from 'react';
import { IconButton } from '../ui/icon-button.tsx';
import { CloseIcon } from '../ui/icons.tsx';
import { isOffered, type UpdateState } from './app-update.ts';
import { offlineMessages } from './offline-messages.ts';
import { updateHappened, updateStore } from './service-worker.ts';
import './update-notice.css';

const words = offlineMessages.update;

export function UpdateNotice() {
  const state = useSyncExternalStore(updateStore.subscribe, updateStore.snapshot);
  // Shown until the page reloads, so that it does not seem to have been dismissed.
  const isLeaving = state.phase === 'saving' || state.phase === 'activating';
  const isShown = isOffered(state) || (isLeaving && state.isUsed && !state.isHidden);
  return (
    // A live region must exist before its text; no role "status", which is reserved for the document's status line.
    <div className="update-region" aria-live="polite">
      {isShown && (
        <section className="update-notice">
          <p>{textFor(state)}</p>
          <button
            type="button"
            className="button"
            disabled={isLeaving}
            onClick={() => updateHappened({ type: 'reloadAsked' })}
          >
            {isLeaving ? words.reloading : words.reload}
          </button>
          <IconButton label={words.later} onClick={() => updateHappened({ type: 'later' })}>
            <CloseIcon />
          </IconButton>
        </section>
      )}
    </div>
  );
}

function textFor({ isUnsaved, isRefused, isWaiting }: UpdateState): string {
  if (isUnsaved) return words.unsaved;
  return isRefused && !isWaiting ? words.refused : words.ready;
}
