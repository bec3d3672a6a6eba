/** "A new version is ready", with the button that goes over to it. Never in the way, never by itself. */
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
  // Shown until the page goes, so that it does not seem to have been dismissed.
  const isLeaving = state.phase === 'saving' || state.phase === 'activating';
  const isShown = isOffered(state) || (isLeaving && state.isUsed && !state.isHidden);
  return (
    // There before its text is, so that the text is read out; without the role of the document's status.
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
