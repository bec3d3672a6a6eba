/** The status beside the title. Screen readers and tests rely on its role and wording. */
import type { DocumentStatus } from '@concord/client';
import { useRef } from 'react';
import { ReviewButton } from '../merge/review-button.tsx';
import type { ReviewControl } from '../merge/use-review.ts';
import { statusText } from './status-text.ts';
import './status.css';

export function StatusLine(props: {
  readonly status: DocumentStatus;
  /** Review of the latest merge, until it is done. */
  readonly review?: ReviewControl | null;
}) {
  const { status, review = null } = props;
  const { text, tone } = statusText(status);
  const reviewFocus = useRef(false);
  const isInStatus = status.kind === 'merged';
  const button = review !== null && (
    <ReviewButton control={review} isInStatus={isInStatus} focusRef={reviewFocus} />
  );
  return (
    <>
      {/* The role implies `aria-live`; set explicitly, so that an open dialog does not silence it. */}
      <div role="status" aria-live="polite" className={`status status-${tone}`}>
        <span className="status-dot" aria-hidden="true" />
        <span>
          {text}
          {isInStatus && button !== false && <> · {button}</>}
        </span>
      </div>
      {!isInStatus && button}
    </>
  );
}
