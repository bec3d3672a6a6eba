/** Opens and closes the review. It moves when the status changes; whoever was on it stays on it. */
import { useEffect, useRef, type RefObject } from 'react';
import { mergeMessages as words } from './merge-messages.ts';
import { reviewPanelId } from './review-panel-id.ts';
import type { ReviewControl } from './use-review.ts';

export function ReviewButton(props: {
  readonly control: ReviewControl;
  /** It stands in the status line, which says what it is about. */
  readonly isInStatus: boolean;
  /** Whether this button or its predecessor has the focus: React tells nobody when it takes one away. */
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
