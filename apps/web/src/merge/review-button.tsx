/** Opens and closes the review. Keeps the focus when a status change moves the button in the DOM. */
import { useEffect, useRef, type RefObject } from 'react';
import { mergeMessages as words } from './merge-messages.ts';
import { reviewPanelId } from './review-panel-id.ts';
import type { ReviewControl } from './use-review.ts';

export function ReviewButton(props: {
  readonly control: ReviewControl;
  /** The button is in the status line, which describes it. */
  readonly isInStatus: boolean;
  /** Whether this button or its predecessor had the focus: removing a focused element fires no blur event in React. */
  readonly focusRef: RefObject<boolean>;
}) {
  const { control, isInStatus, focusRef } = props;
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (focusRef.current) button.current?.focus();
  }, [focusRef]);
  return (
    <button
      ref={button}
      type="button"
      className="review-button"
      aria-expanded={control.isOpen}
      aria-controls={control.isOpen ? reviewPanelId : undefined}
      onClick={control.toggle}
      onFocus={() => {
        focusRef.current = true;
      }}
      onBlur={() => {
        focusRef.current = false;
      }}
    >
      {isInStatus ? words.review : words.reviewLater}
    </button>
  );
}
