/** Review of a merge after offline work: a panel on the right; on phones the lower part of the page. */
import { redo, undo } from '@codemirror/commands';
import type { EditorView } from '@codemirror/view';
import { useId, useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react';
import { messages } from '../i18n/messages.ts';
import { CloseIcon } from '../ui/icons.tsx';
import { Tooltip } from '../ui/tooltip.tsx';
import { mergeMessages as words } from './merge-messages.ts';
import { trackedMerge } from './merge-review.ts';
import { OtherChanges } from './other-changes.tsx';
import { PassageCard } from './passage-card.tsx';
import { passageState } from './review-choices.ts';
import { reviewPanelId } from './review-panel-id.ts';
import './review.css';

/** Passages rendered at a time: a merge after weeks offline may have thousands. */
const PAGE = 20;

export function ReviewPanel(props: {
  /** The component is rendered again on each change of the view's state. */
  readonly view: EditorView;
  readonly isReadOnly: boolean;
  readonly onClose: () => void;
  /** Ends the review. */
  readonly onDone: () => void;
}) {
  const { view, isReadOnly, onClose, onDone } = props;
  const headingId = useId();
  const panel = useRef<HTMLElement>(null);
  const [shownCount, setShownCount] = useState(PAGE);
  const tracked = view.state.field(trackedMerge);
  const isShown = tracked?.review !== null && tracked?.review !== undefined;
  useLayoutEffect(() => {
    const element = panel.current;
    element?.focus();
    return () => {
      if (element?.contains(document.activeElement) !== true) return;
      const opener = document.querySelector<HTMLElement>('.review-button');
      // Not into the text, which would open the on-screen keyboard of a phone.
      if (opener !== null) opener.focus();
      else if (matchMedia('(pointer: fine)').matches) view.focus();
    };
  }, [isShown, view]);
  if (!isShown) return null;
  const { doc } = view.state;
  const { overlapping, others } = tracked.review;
  const shown = overlapping.slice(0, shownCount);
  const states = overlapping.map((passage) => passageState(passage, doc));
  const isAllDecided = states.every(({ kind }) => kind === 'decided');

  const pressed = (event: KeyboardEvent): void => {
    const isMod = (event.ctrlKey || event.metaKey) && !event.altKey;
    if (event.key === 'Escape') onClose();
    // Choices are edits of the text: undo and redo work from here, too.
    else if (isMod && event.key.toLowerCase() === 'z') (event.shiftKey ? redo : undo)(view);
    else if (isMod && event.key === 'y') redo(view);
    else return;
    event.preventDefault();
  };

  return (
    <aside
      ref={panel}
      id={reviewPanelId}
      className="review-panel"
      aria-labelledby={headingId}
      tabIndex={-1}
      onKeyDown={pressed}
    >
      <header className="review-header">
        <h2 id={headingId}>{words.heading}</h2>
        <button
          type="button"
          className="icon-button"
          aria-label={messages.document.close}
          onClick={onClose}
        >
          <CloseIcon />
        </button>
      </header>
      <div className="review-content">
        <p>{words.summary(tracked.merge.edits)}</p>
        <p className="review-count">
          {overlapping.length === 0
            ? words.nothingOverlaps
            : isAllDecided
              ? words.allDecided
              : words.overlapping(overlapping.length)}
        </p>
        {isReadOnly && overlapping.length > 0 && <p>{words.readOnly}</p>}
        {shown.map((passage, index) => (
          <PassageCard
            key={index}
            view={view}
            tracked={passage}
            index={index}
            state={states[index] ?? { kind: 'undecided' }}
            line={doc.lineAt(passage.from).number}
            isReadOnly={isReadOnly}
          />
        ))}
        {shown.length < overlapping.length && (
          <button
            type="button"
            className="button review-more"
            onClick={() => setShownCount((count) => count + PAGE)}
          >
            {words.showMore(Math.min(PAGE, overlapping.length - shown.length))}
          </button>
        )}
        <OtherChanges others={others} areAll={overlapping.length === 0} />
      </div>
      <footer className="review-footer">
        <Tooltip label={words.doneHint}>
          <button
            type="button"
            className={isAllDecided ? 'button button-primary' : 'button'}
            onClick={onDone}
          >
            {words.done}
          </button>
        </Tooltip>
      </footer>
    </aside>
  );
}
